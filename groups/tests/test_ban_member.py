"""PUT /groups/:id/members/:userId: bans, and what lifts them."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.models import Group, Membership, Role, Status
from groups.tests.builders import make_group, make_member
from groups.tests.changing import NOTHING, bob_updated, change, member_url
from groups.tests.traces import events_of, roles_in, status_of, traces
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once

BANNED = [("member-left", "bob", {"reason": "banned"})]


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
    assert events_of(porch) == [*BANNED, ("member-joined", "bob", {"role": "member"}), bob_updated("moderator")]


def test_a_ban_is_not_lifted_where_there_is_no_place(alice: User, bob: User, porch: Group) -> None:
    change(alice, porch, bob, status="banned")
    make_member("dana", porch)
    Group.objects.update(max_members=2)
    before = traces()

    refusal_of(change(alice, porch, bob, status="active", role="moderator"), 409, "GROUP_FULL")
    assert traces() == before


def test_who_left_before_the_ban_stays_away_when_it_is_lifted(alice: User, bob: User, porch: Group) -> None:
    signed_in(bob).post(f"/api/v1/groups/{porch.pk}/leave")
    before = traces()
    change(alice, porch, bob, status="banned")
    change(alice, porch, bob, status="banned")

    assert data_of(change(alice, porch, bob, status="active"))["status"] == "inactive"

    assert traces() == before
    refusal_of(signed_in(bob).get(f"/api/v1/groups/{porch.pk}"), 404, "NOT_FOUND")
    data_of(signed_in(bob).post("/api/v1/groups/join", {"accessCode": porch.access_code}))
    assert roles_in(porch) == {"alice": "admin", "bob": "member"}


def test_who_left_before_the_ban_takes_no_place_when_it_is_lifted(alice: User, bob: User, porch: Group) -> None:
    signed_in(bob).post(f"/api/v1/groups/{porch.pk}/leave")
    change(alice, porch, bob, status="banned")
    make_member("dana", porch)
    Group.objects.update(max_members=2)

    assert data_of(change(alice, porch, bob, status="active"))["status"] == "inactive"
    assert roles_in(porch) == {"alice": "admin", "dana": "member"}


def test_who_left_before_the_ban_gets_no_rights_with_its_lifting(alice: User, bob: User, porch: Group) -> None:
    signed_in(bob).post(f"/api/v1/groups/{porch.pk}/leave")
    change(alice, porch, bob, status="banned")
    before = traces()

    refusal_of(change(alice, porch, bob, status="active", role="moderator"), 404, "NOT_FOUND")
    assert traces() == before


def test_a_ban_of_somebody_who_came_back_is_a_ban_of_a_member(alice: User, bob: User, porch: Group) -> None:
    signed_in(bob).post(f"/api/v1/groups/{porch.pk}/leave")
    change(alice, porch, bob, status="banned")
    change(alice, porch, bob, status="active")
    signed_in(bob).post("/api/v1/groups/join", {"accessCode": porch.access_code})
    change(alice, porch, bob, status="banned")

    assert data_of(change(alice, porch, bob, status="active"))["status"] == "active"
    assert roles_in(porch) == {"alice": "admin", "bob": "member"}


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


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_ban_each_other_at_once_leave_one(alice: User, bob: User) -> None:
    clients = [signed_in(alice), signed_in(bob)]
    for number in range(12):
        group = make_group(alice, bob, name=f"Group {number}")
        Membership.objects.filter(group=group).update(role=Role.ADMIN)
        members = [member_url(group, bob.pk), member_url(group, alice.pk)]

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
            lambda: clients[0].put(member_url(group, bob.pk), {"status": "active"}),  # noqa: B023
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

        answers = at_once(2, lambda who: clients[who].put(member_url(group, bob.pk), bodies[who]))  # noqa: B023

        assert answers[0].status_code == 200
        assert answers[1].status_code in {200, 404}
        assert roles_in(group) == {"alice": "admin"}
        assert events_of(group)[-1][0] == "member-left"
