"""POST /groups/:id/invite, of a person; and who may."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.erasure import erase_person
from accounts.models import OutgoingMail, User
from accounts.tests.builders import make_user, signed_in
from groups.models import Group, Membership, Role, Status
from groups.tests.builders import make_group
from groups.tests.inviting import invite, invite_url, mailed
from groups.tests.traces import events_of, roles_in, traces
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import behind_lock
from notifications.models import Notification

NOTHING = {"can_invite": False, "can_kick": False}
INVITES = {"can_invite": True, "can_kick": False}
KICKS = {"can_invite": False, "can_kick": True}


@pytest.mark.parametrize("whom", ["id", "charlie", "CHARLIE", " Charlie "])
def test_a_person_hears_of_it_in_the_app_and_by_mail(bob: User, charlie: User, porch: Group, whom: str) -> None:
    body = {"userId": str(charlie.pk)} if whom == "id" else {"username": whom}

    assert data_of(invite(bob, porch, **body)) == {"message": "Invitation sent"}

    row = Notification.objects.get()
    assert (row.user, row.subject, row.type) == (charlie, bob, "group_invitation")
    assert row.title == "bob invites you to The Porch"
    assert row.data == {
        "groupId": str(porch.pk),
        "groupName": "The Porch",
        "accessCode": porch.access_code,
        "invitedBy": "bob",
    }
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.email, mail.user) == ("group-invitation", charlie.email, charlie)
    assert porch.access_code not in str(mail.data)


def test_nothing_else_changes_until_they_join(bob: User, charlie: User, porch: Group) -> None:
    invite(bob, porch, username="charlie")

    assert roles_in(porch) == {"alice": "admin", "bob": "member"}
    assert not Membership.objects.filter(user=charlie).exists()
    assert events_of(porch) == []
    code = Notification.objects.get().data["accessCode"]
    assert data_of(signed_in(charlie).post("/api/v1/groups/join", {"accessCode": code}))["myRole"] == "member"


def test_who_has_left_can_be_asked_back(alice: User, bob: User, porch: Group) -> None:
    signed_in(bob).post(f"/api/v1/groups/{porch.pk}/leave")

    data_of(invite(alice, porch, username="bob"))

    assert Notification.objects.get().user == bob
    assert mailed() == [bob.email]


def test_a_private_person_is_asked_by_the_whole_name_only(bob: User, porch: Group) -> None:
    dana = make_user("dana", privacy_settings={"profile": "private"})
    before = traces()

    refusal_of(invite(bob, porch, username="dan"), 404, "NOT_FOUND")
    assert traces() == before
    data_of(invite(bob, porch, username="dana"))
    assert Notification.objects.get().user == dana


@pytest.mark.parametrize(
    ("preferences", "hears"),
    [
        ({}, True),
        ({"groupInvitation": {"inApp": False}}, False),
        ({"groupInvitation": {"email": False}}, True),
        ({"friendCheckIn": {"inApp": False}}, True),
    ],
)
def test_who_wants_no_invitations_in_the_app_gets_none(
    bob: User, porch: Group, preferences: dict[str, Any], hears: bool
) -> None:
    make_user("dana", notification_preferences=preferences)

    data_of(invite(bob, porch, username="dana"))

    assert Notification.objects.exists() == hears


def test_a_name_with_braces_stays_as_it_is(alice: User, charlie: User) -> None:
    group = make_group(alice, name="{invitedBy} {0}")

    data_of(invite(alice, group, username="charlie"))

    assert Notification.objects.get().title == "alice invites you to {invitedBy} {0}"


@pytest.mark.parametrize("key", ["userId", "username"])
def test_a_member_is_not_asked_in(alice: User, bob: User, porch: Group, key: str) -> None:
    before = traces()

    for member in (alice, bob):
        whom = {"userId": str(member.pk), "username": member.username}[key]
        refusal_of(invite(bob, porch, **{key: whom}), 409, "ALREADY_MEMBER")
    assert traces() == before


def test_a_banned_person_is_not_asked_in(alice: User, bob: User, porch: Group) -> None:
    Membership.objects.filter(user=bob).update(status=Status.BANNED)
    before = traces()

    refusal_of(invite(alice, porch, username="bob"), 403, "BANNED")
    assert traces() == before


def test_whom_there_is_not_is_not_found(bob: User, porch: Group) -> None:
    gone = make_user("gone", is_active=False)
    before = traces()

    bodies = [{"username": "nobody"}, {"username": "gone"}, {"userId": str(uuid4())}, {"userId": str(gone.pk)}]
    refusals = [refusal_of(invite(bob, porch, **body), 404, "NOT_FOUND") for body in bodies]
    assert all(refusal == refusals[0] for refusal in refusals)
    assert traces() == before


@pytest.mark.parametrize(
    ("role", "permissions", "open_to_all"),
    [
        (Role.ADMIN, NOTHING, False),
        (Role.MODERATOR, NOTHING, False),
        (Role.MEMBER, INVITES, False),
        (Role.MEMBER, NOTHING, True),
    ],
)
@pytest.mark.parametrize("whom", [{"username": "charlie"}, {"email": "erin@example.com"}])
def test_these_may_ask_somebody_in(
    bob: User,
    charlie: User,
    porch: Group,
    role: Role,
    permissions: dict[str, bool],
    open_to_all: bool,
    whom: dict[str, str],
) -> None:
    Membership.objects.filter(user=bob).update(role=role, permissions=permissions)
    Group.objects.update(allow_member_invite=open_to_all)

    data_of(invite(bob, porch, **whom))
    assert len(mailed()) == 1


@pytest.mark.parametrize("permissions", [NOTHING, KICKS])
@pytest.mark.parametrize("key", ["username", "userId", "email"])
def test_a_plain_member_of_a_closed_group_may_not(
    bob: User, charlie: User, porch: Group, permissions: dict[str, bool], key: str
) -> None:
    Membership.objects.filter(user=bob).update(permissions=permissions)
    Group.objects.update(allow_member_invite=False)
    before = traces()

    whom = {"username": "charlie", "userId": str(charlie.pk), "email": charlie.email}[key]
    refusal_of(invite(bob, porch, **{key: whom}), 403, "FORBIDDEN")
    assert traces() == before


def test_an_outsider_gets_the_answer_of_a_group_that_does_not_exist(charlie: User, porch: Group) -> None:
    before = traces()

    outside = refusal_of(invite(charlie, porch, email="erin@example.com"), 404, "NOT_FOUND")
    nowhere = signed_in(charlie).post(f"/api/v1/groups/{uuid4()}/invite", {"email": "erin@example.com"})
    assert outside == refusal_of(nowhere, 404, "NOT_FOUND")
    assert traces() == before


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_who_is_gone_is_an_outsider(bob: User, porch: Group, status: Status) -> None:
    Membership.objects.filter(user=bob).update(status=status)
    before = traces()

    refusal_of(invite(bob, porch, email="erin@example.com"), 404, "NOT_FOUND")
    assert traces() == before


def test_nobody_is_asked_into_an_archived_group(alice: User, charlie: User, porch: Group) -> None:
    Group.objects.update(is_active=False)
    before = traces()

    refusal_of(invite(alice, porch, username="charlie"), 404, "NOT_FOUND")
    assert traces() == before


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    before = traces()

    refusal_of(anonymous.post(invite_url(porch), {"email": "erin@example.com"}), 401, "NOT_AUTHENTICATED")
    assert traces() == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"friend": "charlie"},
        {"username": "charlie", "email": "charlie@example.com"},
        {"userId": str(uuid4()), "username": "charlie"},
        {"userId": str(uuid4()), "username": "charlie", "email": "charlie@example.com"},
    ],
)
def test_it_is_one_of_the_three(bob: User, charlie: User, porch: Group, body: dict[str, str]) -> None:
    before = traces()

    assert refused_fields(invite(bob, porch, **body)) == {"nonFieldErrors"}
    assert traces() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", None),
        ("email", 5),
        ("email", "erin"),
        ("email", "erin@example.com\nBcc: finn@example.com"),
        ("email", "erin@example.com, finn@example.com"),
        ("email", f"{'x' * 250}@example.com"),
        ("email", "nul\x00@example.com"),
        ("email", ["erin@example.com"]),
        ("username", ""),
        ("username", None),
        ("username", 5),
        ("username", "x" * 21),
        ("username", "nul\x00"),
        ("userId", "charlie"),
        ("userId", None),
        ("userId", 5),
    ],
)
def test_what_does_not_fit_is_refused_by_name(bob: User, porch: Group, field: str, value: Any) -> None:
    before = traces()

    assert refused_fields(invite(bob, porch, **{field: value})) == {field}
    assert traces() == before


@pytest.mark.needs_servers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", ["userId", "username"])
def test_who_is_erased_meanwhile_is_not_found(bob: User, charlie: User, porch: Group, key: str) -> None:
    body = {key: {"userId": str(charlie.pk), "username": charlie.username}[key]}
    client, theirs = signed_in(bob), User.objects.filter(pk=charlie.pk)

    answer = behind_lock(theirs, lambda: erase_person(charlie), lambda: client.post(invite_url(porch), body)).result()

    refusal_of(answer, 404, "NOT_FOUND")
    assert not Notification.objects.exists()
    assert not OutgoingMail.objects.exists()
