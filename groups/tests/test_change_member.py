"""PUT /groups/:id/members/:userId: roles, permissions, bans."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.models import Group, Membership, Role, Status
from groups.tests.builders import make_group, make_member
from groups.tests.traces import events_of, roles_in, status_of, traces
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once

NOTHING = {"canInvite": False, "canKick": False}
BANNED = [("member-left", "bob", {"reason": "banned"})]


def url(group: Group, member_id: UUID | str) -> str:
    return f"/api/v1/groups/{group.pk}/members/{member_id}"


def change(user: User, group: Group, member: User, **changes: Any) -> Any:
    return signed_in(user).put(url(group, member.pk), changes)


def updated(role: str, **permissions: bool) -> tuple[str, str, dict[str, Any]]:
    return ("member-updated", "bob", {"role": role, "permissions": {**NOTHING, **permissions}})


# --- Roles and permissions ---


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MODERATOR])
def test_a_member_gets_another_role(alice: User, bob: User, porch: Group, role: Role) -> None:
    member = data_of(change(alice, porch, bob, role=role))

    assert member in data_of(signed_in(alice).get(f"/api/v1/groups/{porch.pk}/members"))
    assert member["user"] == {"id": str(bob.pk), "username": "bob", "avatarUrl": None}
    assert (member["role"], member["status"], member["permissions"]) == (role, "active", NOTHING)
    assert roles_in(porch) == {"alice": "admin", "bob": role}
    assert events_of(porch) == [updated(role)]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MODERATOR])
def test_it_can_be_taken_away_again(alice: User, bob: User, porch: Group, role: Role) -> None:
    change(alice, porch, bob, role=role)

    data_of(change(alice, porch, bob, role="member"))

    assert roles_in(porch) == {"alice": "admin", "bob": "member"}
    assert events_of(porch) == [updated(role), updated("member")]


def test_permissions_left_out_stay_as_they_are(alice: User, bob: User, porch: Group) -> None:
    assert data_of(change(alice, porch, bob, permissions={"canKick": True}))["permissions"]["canKick"] is True
    member = data_of(change(alice, porch, bob, permissions={"canInvite": True}))

    assert (member["permissions"], member["role"]) == ({"canInvite": True, "canKick": True}, "member")
    assert Membership.objects.get(user=bob).permissions == {"can_invite": True, "can_kick": True}
    assert events_of(porch) == [updated("member", canKick=True), updated("member", canKick=True, canInvite=True)]


def test_role_and_permissions_together_are_one_event(alice: User, bob: User, porch: Group) -> None:
    data_of(change(alice, porch, bob, role="moderator", permissions={"canInvite": True}, status="active"))

    assert events_of(porch) == [updated("moderator", canInvite=True)]


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


# --- Bans ---


@pytest.mark.parametrize("role", list(Role))
def test_a_member_of_any_role_is_banned(alice: User, bob: User, porch: Group, role: Role) -> None:
    Membership.objects.filter(user=bob).update(role=role)

    member = data_of(change(alice, porch, bob, status="banned"))

    assert (member["user"]["username"], member["status"]) == ("bob", "banned")
    assert status_of(bob, porch) == Status.BANNED
    assert Membership.objects.get(user=bob).spans.get().left_at is not None
    assert roles_in(porch) == {"alice": "admin"}
    assert Group.objects.get().version > porch.version
    assert events_of(porch) == BANNED
    refusal_of(signed_in(bob).get(f"/api/v1/groups/{porch.pk}"), 404, "NOT_FOUND")
    refusal_of(signed_in(bob).post("/api/v1/groups/join", {"accessCode": porch.access_code}), 403, "BANNED")


def test_who_has_left_is_banned_without_a_second_farewell(alice: User, bob: User, porch: Group) -> None:
    signed_in(bob).post(f"/api/v1/groups/{porch.pk}/leave")
    events = events_of(porch)

    assert data_of(change(alice, porch, bob, status="banned"))["status"] == "banned"

    assert status_of(bob, porch) == Status.BANNED
    assert roles_in(porch) == {"alice": "admin"}
    assert events_of(porch) == events
    refusal_of(signed_in(bob).post("/api/v1/groups/join", {"accessCode": porch.access_code}), 403, "BANNED")


def test_a_second_ban_changes_nothing(alice: User, bob: User, porch: Group) -> None:
    change(alice, porch, bob, status="banned")
    before = traces()

    assert data_of(change(alice, porch, bob, status="banned"))["status"] == "banned"
    assert traces() == before


@pytest.mark.parametrize("extra", [{"role": "moderator"}, {"permissions": {"canInvite": True}}, {"permissions": {}}])
def test_a_ban_together_with_rights_is_refused(alice: User, bob: User, porch: Group, extra: dict[str, Any]) -> None:
    before = traces()

    assert refused_fields(change(alice, porch, bob, status="banned", **extra)) == {"status"}
    assert traces() == before


def test_a_ban_that_is_lifted_makes_a_plain_member(alice: User, bob: User, porch: Group) -> None:
    change(alice, porch, bob, role="moderator", permissions={"canKick": True})
    first = Membership.objects.get(user=bob)
    change(alice, porch, bob, status="banned")

    member = data_of(change(alice, porch, bob, status="active"))

    assert (member["role"], member["permissions"], member["status"]) == ("member", NOTHING, "active")
    again = Membership.objects.get(user=bob)
    assert (again.pk, again.joined_at > first.joined_at) == (first.pk, True)
    assert [span.left_at is None for span in again.spans.order_by("joined_at")] == [False, True]
    assert roles_in(porch) == {"alice": "admin", "bob": "member"}
    assert events_of(porch)[1:] == [*BANNED, ("member-joined", "bob", {"role": "member"})]
    data_of(signed_in(bob).get(f"/api/v1/groups/{porch.pk}"))


def test_a_ban_can_be_lifted_with_a_new_role(alice: User, bob: User, porch: Group) -> None:
    change(alice, porch, bob, status="banned")

    assert data_of(change(alice, porch, bob, status="active", role="moderator"))["role"] == "moderator"
    assert roles_in(porch) == {"alice": "admin", "bob": "moderator"}
    assert events_of(porch) == [*BANNED, ("member-joined", "bob", {"role": "member"}), updated("moderator")]


def test_a_ban_is_not_lifted_where_there_is_no_place(alice: User, bob: User, porch: Group) -> None:
    change(alice, porch, bob, status="banned")
    make_member("dana", porch)
    Group.objects.update(max_members=2)
    before = traces()

    refusal_of(change(alice, porch, bob, status="active", role="moderator"), 409, "GROUP_FULL")
    assert traces() == before


@pytest.mark.parametrize("body", [{}, {"status": "active"}, {"role": "moderator"}, {"permissions": {"canKick": True}}])
def test_who_has_left_is_not_brought_back(alice: User, bob: User, porch: Group, body: dict[str, Any]) -> None:
    signed_in(bob).post(f"/api/v1/groups/{porch.pk}/leave")
    before = traces()

    refusal_of(change(alice, porch, bob, **body), 404, "NOT_FOUND")
    assert traces() == before


@pytest.mark.parametrize("body", [{}, {"role": "moderator"}, {"permissions": {"canKick": True}}])
def test_a_banned_person_gets_no_rights(alice: User, bob: User, porch: Group, body: dict[str, Any]) -> None:
    change(alice, porch, bob, status="banned")
    before = traces()

    refusal_of(change(alice, porch, bob, **body), 404, "NOT_FOUND")
    assert traces() == before


# --- Refusals ---


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
        assert stranger == refusal_of(signed_in(alice).put(url(porch, uuid4()), body), 404, "NOT_FOUND")
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

    refusal_of(anonymous.put(url(porch, bob.pk), {"role": "admin"}), 401, "NOT_AUTHENTICATED")
    assert traces() == before


# --- Races ---


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_demote_each_other_at_once_leave_one(alice: User, bob: User) -> None:
    clients = [signed_in(alice), signed_in(bob)]
    for number in range(12):
        group = make_group(alice, bob, name=f"Group {number}")
        Membership.objects.filter(group=group).update(role=Role.ADMIN)
        members = [url(group, bob.pk), url(group, alice.pk)]

        answers = at_once(2, lambda who: clients[who].put(members[who], {"role": "member"}))  # noqa: B023

        assert sorted(answer.status_code for answer in answers) == [200, 403]
        assert sorted(roles_in(group).values()) == ["admin", "member"]
        assert len(events_of(group)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_ban_each_other_at_once_leave_one(alice: User, bob: User) -> None:
    clients = [signed_in(alice), signed_in(bob)]
    for number in range(12):
        group = make_group(alice, bob, name=f"Group {number}")
        Membership.objects.filter(group=group).update(role=Role.ADMIN)
        members = [url(group, bob.pk), url(group, alice.pk)]

        answers = at_once(2, lambda who: clients[who].put(members[who], {"status": "banned"}))  # noqa: B023

        assert sorted(answer.status_code for answer in answers) == [200, 404]
        assert list(roles_in(group).values()) == ["admin"]
        assert [event for event, _, _ in events_of(group)] == ["member-left"]


@pytest.mark.django_db(transaction=True)
def test_lifting_a_ban_and_joining_race_for_the_last_place(alice: User, bob: User, charlie: User) -> None:
    clients = [signed_in(alice), signed_in(charlie)]
    for number in range(12):
        group = make_group(alice, bob, name=f"Group {number}", max_members=2)
        change(alice, group, bob, status="banned")
        calls = [
            lambda: clients[0].put(url(group, bob.pk), {"status": "active"}),  # noqa: B023
            lambda: clients[1].post("/api/v1/groups/join", {"accessCode": group.access_code}),  # noqa: B023
        ]

        answers = at_once(2, lambda who: calls[who]())  # noqa: B023

        (refused,) = [answer for answer in answers if answer.status_code != 200]
        refusal_of(refused, 409, "GROUP_FULL")
        assert len(roles_in(group)) == 2
        assert [event for event, _, _ in events_of(group)] == ["member-left", "member-joined"]


@pytest.mark.django_db(transaction=True)
def test_a_ban_and_a_new_role_at_once_never_leave_a_banned_admin(alice: User, bob: User) -> None:
    clients = [signed_in(alice), signed_in(alice)]
    for number in range(8):
        group = make_group(alice, bob, name=f"Group {number}")
        bodies = [{"status": "banned"}, {"role": "admin"}]

        answers = at_once(2, lambda who: clients[who].put(url(group, bob.pk), bodies[who]))  # noqa: B023

        assert answers[0].status_code == 200
        assert answers[1].status_code in {200, 404}
        assert roles_in(group) == {"alice": "admin"}
        assert events_of(group)[-1][0] == "member-left"
