"""POST /groups/:id/invite."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import OutgoingMail, User
from accounts.tests.builders import make_user, signed_in
from groups.invitations import MAIL_PAUSE
from groups.models import Group, Membership, Role, Status
from groups.tests.builders import make_group, make_member
from groups.tests.traces import events_of, roles_in, traces
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once
from hucares.throttling import shared_storage
from notifications.models import Notification

NOTHING = {"can_invite": False, "can_kick": False}
INVITES = {"can_invite": True, "can_kick": False}
KICKS = {"can_invite": False, "can_kick": True}


def url(group: Group) -> str:
    return f"/api/v1/groups/{group.pk}/invite"


def invite(user: User, group: Group, **whom: Any) -> Any:
    return signed_in(user).post(url(group), whom)


def mailed() -> list[str]:
    """The addresses that mails wait for, in order."""
    return list(OutgoingMail.objects.order_by("pk").values_list("email", flat=True))


@pytest.fixture
def limits_are_on(settings: LazySettings) -> None:
    """Every limit at its full size, and nothing counted yet."""
    settings.THROTTLE_SCALE = 1
    shared_storage().reset()


# --- A person ---


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


# --- An address ---


def test_an_address_gets_a_mail_and_nothing_else_happens_yet(bob: User, porch: Group) -> None:
    assert data_of(invite(bob, porch, email="Erin@Example.com")) == {"message": "Invitation sent"}

    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.email, mail.user) == ("group-invitation", "Erin@Example.com", None)
    assert mail.data == {"groupId": str(porch.pk), "invitedById": str(bob.pk)}
    assert not Notification.objects.exists()


def statements_of(client: APIClient, group: Group, email: str) -> tuple[Any, list[str]]:
    """(answer, statements with their values blotted out) of one invitation by address."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(url(group), {"email": email})
    queries = [query["sql"] for query in captured]
    for sql in queries:
        assert email.lower() not in sql.lower() or '"outgoing_mails"' in sql, sql
    return answer, [re.sub(r"'[^']*'|SAVEPOINT .*", "?", sql) for sql in queries]


def test_whoever_has_the_address_the_answer_and_the_work_are_the_same(
    alice: User, bob: User, charlie: User, porch: Group
) -> None:
    banned = make_member("banned", porch, status=Status.BANNED)
    left = make_member("left", porch, status=Status.INACTIVE)
    inactive = make_user("inactive", is_active=False)
    silent = make_user("silent", notification_preferences={"groupInvitation": {"email": False, "inApp": False}})
    people = [alice, bob, charlie, banned, left, inactive, silent]
    client = signed_in(bob)
    client.get(f"/api/v1/groups/{porch.pk}")

    unknown, statements = statements_of(client, porch, "nobody@example.com")
    for person in people:
        answer, theirs = statements_of(client, porch, person.email)
        assert (answer.status_code, data_of(answer)) == (200, data_of(unknown))
        assert answer.json().keys() == unknown.json().keys()
        assert theirs == statements

    assert mailed() == ["nobody@example.com", *(person.email for person in people)]
    assert not Notification.objects.exists()


def test_one_mail_about_a_group_goes_to_an_address_in_a_day(alice: User, bob: User, porch: Group) -> None:
    first = data_of(invite(bob, porch, email="erin@example.com"))

    for who, email in ((bob, "erin@example.com"), (alice, "erin@example.com"), (alice, "ERIN@Example.COM")):
        assert data_of(invite(who, porch, email=email)) == first

    assert mailed() == ["erin@example.com"]
    garden = make_group(bob, name="The Garden")
    data_of(invite(bob, garden, email="erin@example.com"))
    data_of(invite(bob, porch, email="finn@example.com"))
    assert mailed() == ["erin@example.com", "erin@example.com", "finn@example.com"]


def test_a_name_and_its_address_are_one_person(alice: User, bob: User, charlie: User, porch: Group) -> None:
    data_of(invite(alice, porch, email="CHARLIE@example.com"))
    data_of(invite(bob, porch, username="charlie"))

    assert mailed() == ["CHARLIE@example.com"]
    assert Notification.objects.count() == 1


def test_the_next_day_another_mail_may_go(bob: User, porch: Group) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = signed_in(bob)
        client.post(url(porch), {"email": "erin@example.com"})
        mail = OutgoingMail.objects.get()
        for passed, mails in ((MAIL_PAUSE.total_seconds() - 1, 1), (1, 2)):
            clock.shift(passed)
            data_of(invite(bob, porch, email="erin@example.com"))
            assert OutgoingMail.objects.count() == mails
    assert OutgoingMail.objects.exclude(pk=mail.pk).get().email == "erin@example.com"


# --- Who may ---


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

    refusal_of(anonymous.post(url(porch), {"email": "erin@example.com"}), 401, "NOT_AUTHENTICATED")
    assert traces() == before


# --- What does not fit ---


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


# --- How many ---


@pytest.mark.usefixtures("limits_are_on")
def test_twenty_an_hour_of_one_person_whatever_the_group_and_the_way(bob: User, porch: Group) -> None:
    garden = make_group(bob, name="The Garden")
    client = signed_in(bob)
    for number in range(10):
        data_of(client.post(url(porch), {"email": f"guest{number}@example.com"}))
        refusal_of(client.post(url(garden), {"username": "nobody"}), 404, "NOT_FOUND")
    make_user("dana")
    before = traces()

    for whom in ({"email": "erin@example.com"}, {"username": "dana"}):
        answer = client.post(url(porch), whom)
        refusal_of(answer, 429, "RATE_LIMITED")
        assert 1 <= int(answer["Retry-After"]) <= 3600
    assert traces() == before


@pytest.mark.usefixtures("limits_are_on")
def test_others_have_their_own_twenty(alice: User, bob: User, porch: Group) -> None:
    client = signed_in(bob)
    for number in range(20):
        client.post(url(porch), {"email": f"guest{number}@example.com"})
    refusal_of(client.post(url(porch), {"email": "erin@example.com"}), 429, "RATE_LIMITED")

    data_of(invite(alice, porch, email="erin@example.com"))


@pytest.mark.usefixtures("limits_are_on")
@pytest.mark.django_db(transaction=True)
def test_thirty_at_once_are_twenty(bob: User, porch: Group) -> None:
    client = signed_in(bob)

    answers = at_once(30, lambda number: client.post(url(porch), {"email": f"guest{number}@example.com"}))

    assert sorted(answer.status_code for answer in answers) == [200] * 20 + [429] * 10
    assert len(set(mailed())) == 20


@pytest.mark.django_db(transaction=True)
def test_ten_who_ask_the_same_address_at_once_cause_one_mail(alice: User, bob: User, porch: Group) -> None:
    clients = [signed_in(alice), signed_in(bob)]
    spellings = ["erin@example.com", "ERIN@example.com"]

    answers = at_once(10, lambda number: clients[number % 2].post(url(porch), {"email": spellings[number // 2 % 2]}))

    assert [data_of(answer) for answer in answers] == [{"message": "Invitation sent"}] * 10
    assert len(mailed()) == 1
