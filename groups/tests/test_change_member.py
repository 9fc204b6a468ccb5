"""PUT /groups/:id/members/:userId: roles and permissions."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.models import Group, Membership, Role
from groups.tests.builders import make_group, make_member
from groups.tests.changing import NOTHING, bob_updated, change, member_url
from groups.tests.traces import events_of, roles_in, traces
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MODERATOR])
def test_a_member_gets_another_role(alice: User, bob: User, porch: Group, role: Role) -> None:
    member = data_of(change(alice, porch, bob, role=role))

    assert member in data_of(signed_in(alice).get(f"/api/v1/groups/{porch.pk}/members"))
    assert member["user"] == {"id": str(bob.pk), "username": "bob", "avatarUrl": None}
    assert (member["role"], member["status"], member["permissions"]) == (role, "active", NOTHING)
    assert roles_in(porch) == {"alice": "admin", "bob": role}
    assert events_of(porch) == [bob_updated(role)]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MODERATOR])
def test_it_can_be_taken_away_again(alice: User, bob: User, porch: Group, role: Role) -> None:
    change(alice, porch, bob, role=role)

    data_of(change(alice, porch, bob, role="member"))

    assert roles_in(porch) == {"alice": "admin", "bob": "member"}
    assert events_of(porch) == [bob_updated(role), bob_updated("member")]


def test_permissions_left_out_stay_as_they_are(alice: User, bob: User, porch: Group) -> None:
    assert data_of(change(alice, porch, bob, permissions={"canKick": True}))["permissions"]["canKick"] is True
    member = data_of(change(alice, porch, bob, permissions={"canInvite": True}))

    assert (member["permissions"], member["role"]) == ({"canInvite": True, "canKick": True}, "member")
    assert Membership.objects.get(user=bob).permissions == {"can_invite": True, "can_kick": True}
    assert events_of(porch) == [
        bob_updated("member", canKick=True),
        bob_updated("member", canKick=True, canInvite=True),
    ]


def test_role_and_permissions_together_are_one_event(alice: User, bob: User, porch: Group) -> None:
    data_of(change(alice, porch, bob, role="moderator", permissions={"canInvite": True}, status="active"))

    assert events_of(porch) == [bob_updated("moderator", canInvite=True)]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "active"},
        {"role": "member"},
        {"permissions": {}},
        {"permissions": {"canInvite": False}, "role": "member"},
        {"notificationEnabled": False, "joinedAt": "2020-01-01T00:00:00Z", "userId": str(uuid4())},
    ],
)
def test_what_changes_nothing_is_no_news(alice: User, bob: User, porch: Group, body: dict[str, Any]) -> None:
    before = traces()

    assert data_of(change(alice, porch, bob, **body))["role"] == "member"
    assert traces() == before


@pytest.mark.parametrize("body", [{"role": "admin"}, {"status": "active"}, {}])
def test_an_admin_stays_one(alice: User, porch: Group, body: dict[str, Any]) -> None:
    before = traces()

    assert data_of(change(alice, porch, alice, **body))["role"] == "admin"
    assert traces() == before


@pytest.mark.parametrize("body", [{"role": "member"}, {"role": "moderator"}, {"status": "banned"}])
def test_nobody_demotes_or_bans_themselves(alice: User, porch: Group, body: dict[str, Any]) -> None:
    make_member("dana", porch, role=Role.ADMIN)
    before = traces()

    refusal_of(change(alice, porch, alice, **body), 422, "SELF_ACTION")
    assert traces() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("role", "owner"),
        ("role", None),
        ("role", ["admin"]),
        ("permissions", None),
        ("permissions", ["canInvite"]),
        ("permissions", {"canInvite": "true"}),
        ("permissions", {"canKick": None}),
        ("status", "inactive"),
        ("status", "gone"),
        ("status", None),
    ],
)
def test_what_does_not_fit_is_refused_by_name(alice: User, bob: User, porch: Group, field: str, value: Any) -> None:
    before = traces()

    (refused,) = refused_fields(change(alice, porch, bob, **{field: value}))
    assert refused.split(".")[0] == field
    assert traces() == before


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MODERATOR])
@pytest.mark.parametrize("body", [{"role": "admin"}, {"status": "banned"}, {"permissions": {"canInvite": True}}])
def test_other_members_are_refused(alice: User, bob: User, porch: Group, role: Role, body: dict[str, Any]) -> None:
    dana = make_member("dana", porch)
    Membership.objects.filter(user=bob).update(role=role, permissions={"can_invite": True, "can_kick": True})
    before = traces()

    for member in (alice, bob, dana):
        refusal_of(change(bob, porch, member, **body), 403, "FORBIDDEN")
    assert traces() == before


def test_who_was_never_in_the_group_is_not_found(alice: User, charlie: User, porch: Group) -> None:
    make_group(alice, charlie, name="The Garden")
    before = traces()

    for body in ({"role": "member"}, {"status": "banned"}, {"status": "active"}):
        stranger = refusal_of(change(alice, porch, charlie, **body), 404, "NOT_FOUND")
        assert stranger == refusal_of(signed_in(alice).put(member_url(porch, uuid4()), body), 404, "NOT_FOUND")
    assert traces() == before


def test_an_outsider_gets_the_answer_of_a_group_that_does_not_exist(bob: User, charlie: User, porch: Group) -> None:
    before = traces()

    outside = refusal_of(change(charlie, porch, bob, role="admin"), 404, "NOT_FOUND")
    nowhere = signed_in(charlie).put(f"/api/v1/groups/{uuid4()}/members/{bob.pk}", {"role": "admin"})
    assert outside == refusal_of(nowhere, 404, "NOT_FOUND")
    assert traces() == before


def test_an_archived_group_is_left_as_it_was(alice: User, bob: User, porch: Group) -> None:
    Group.objects.update(is_active=False)
    before = traces()

    refusal_of(change(alice, porch, bob, status="banned"), 404, "NOT_FOUND")
    assert traces() == before


def test_without_credentials_it_is_refused(anonymous: APIClient, bob: User, porch: Group) -> None:
    before = traces()

    refusal_of(anonymous.put(member_url(porch, bob.pk), {"role": "admin"}), 401, "NOT_AUTHENTICATED")
    assert traces() == before


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_demote_each_other_at_once_leave_one(alice: User, bob: User) -> None:
    clients = [signed_in(alice), signed_in(bob)]
    for number in range(12):
        group = make_group(alice, bob, name=f"Group {number}")
        Membership.objects.filter(group=group).update(role=Role.ADMIN)
        members = [member_url(group, bob.pk), member_url(group, alice.pk)]

        answers = at_once(2, lambda who: clients[who].put(members[who], {"role": "member"}))  # noqa: B023

        assert sorted(answer.status_code for answer in answers) == [200, 403]
        assert sorted(roles_in(group).values()) == ["admin", "member"]
        assert len(events_of(group)) == 1
