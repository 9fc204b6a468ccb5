"""POST /groups/:id/leave, and who leads a group when its admins are gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.members import leave_group
from groups.models import Group, Membership, MembershipSpan, Role, Status
from groups.tests.builders import make_group, make_member
from groups.tests.traces import events_of, roles_in, status_of, traces
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.racing import at_once

LEFT = {"reason": "left"}
NO_PERMISSIONS = {"canInvite": False, "canKick": False}


def url(group: Group) -> str:
    return f"/api/v1/groups/{group.pk}/leave"


def leave(user: User, group: Group) -> Any:
    return signed_in(user).post(url(group))


def led(username: str, **permissions: bool) -> tuple[str, str, dict[str, Any]]:
    """The event of somebody who became admin."""
    return ("member-updated", username, {"role": "admin", "permissions": {**NO_PERMISSIONS, **permissions}})


def test_a_member_goes_and_the_history_stays(bob: User, porch: Group) -> None:
    check_in = make_check_in(bob, porch)
    before = Membership.objects.get(user=bob)

    assert data_of(leave(bob, porch)).keys() == {"message"}

    after = Membership.objects.get(user=bob)
    assert (after.pk, after.status, after.joined_at) == (before.pk, Status.INACTIVE, before.joined_at)
    span = after.spans.get()
    assert span.joined_at <= span.left_at <= timezone.now()
    assert CheckIn.objects.get() == check_in
    stored = Group.objects.get()
    assert (stored.member_count, stored.total_check_ins, stored.is_active) == (1, 1, True)
    assert roles_in(porch) == {"alice": "admin"}
    assert events_of(porch)[1:] == [("member-left", "bob", LEFT)]
    refusal_of(signed_in(bob).get(f"/api/v1/groups/{porch.pk}"), 404, "NOT_FOUND")


def test_one_can_leave_by_a_clock_that_is_behind(bob: User, porch: Group) -> None:
    with time_machine.travel(timezone.now() - timedelta(seconds=5)):
        leave_group(user=bob, group_id=porch.pk)

    span = MembershipSpan.objects.get(membership__user=bob)
    assert span.left_at == span.joined_at
    assert roles_in(porch) == {"alice": "admin"}


def test_figures_of_the_group_may_show_it(bob: User, porch: Group) -> None:
    leave(bob, porch)

    assert Group.objects.get().version > porch.version


def test_an_admin_beside_another_leaves_nobody_without_one(alice: User, porch: Group) -> None:
    make_member("dana", porch, role=Role.ADMIN)

    leave(alice, porch)

    assert roles_in(porch) == {"bob": "member", "dana": "admin"}
    assert events_of(porch) == [("member-left", "alice", LEFT)]


def test_the_last_admin_is_followed_by_the_longest_standing_member(alice: User, porch: Group) -> None:
    make_member("dana", porch)

    leave(alice, porch)

    assert roles_in(porch) == {"bob": "admin", "dana": "member"}
    assert events_of(porch) == [("member-left", "alice", LEFT), led("bob")]


def test_a_moderator_goes_before_members_however_new(alice: User, porch: Group) -> None:
    make_member("dana", porch, role=Role.MODERATOR, permissions={"can_invite": True, "can_kick": False})

    leave(alice, porch)

    assert roles_in(porch) == {"bob": "member", "dana": "admin"}
    assert events_of(porch) == [("member-left", "alice", LEFT), led("dana", canInvite=True)]


def test_the_longest_standing_of_several_moderators_follows(alice: User, porch: Group) -> None:
    for name in ("dana", "erin", "finn"):
        make_member(name, porch, role=Role.MODERATOR)
    Membership.objects.filter(user__username="erin").update(joined_at=timezone.now() - timedelta(days=5))

    leave(alice, porch)

    assert roles_in(porch) == {"bob": "member", "dana": "moderator", "erin": "admin", "finn": "moderator"}


def test_who_came_back_has_stood_from_coming_back(alice: User, bob: User, porch: Group) -> None:
    make_member("dana", porch)
    leave(bob, porch)
    data_of(signed_in(bob).post("/api/v1/groups/join", {"accessCode": porch.access_code}))

    leave(alice, porch)

    assert roles_in(porch) == {"bob": "member", "dana": "admin"}


def test_who_cannot_sign_in_leads_only_where_nobody_else_is(alice: User, bob: User, porch: Group) -> None:
    moderator = make_member("dana", porch, role=Role.MODERATOR)
    User.objects.filter(pk=moderator.pk).update(is_active=False)

    leave(alice, porch)
    assert roles_in(porch) == {"bob": "admin", "dana": "moderator"}
    leave(bob, porch)
    assert roles_in(porch) == {"dana": "admin"}


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_who_is_gone_never_follows(alice: User, bob: User, porch: Group, status: Status) -> None:
    make_member("dana", porch)
    data_of(signed_in(alice).put(f"/api/v1/groups/{porch.pk}/members/{bob.pk}", {"role": "moderator"}))
    if status == Status.BANNED:
        data_of(signed_in(alice).put(f"/api/v1/groups/{porch.pk}/members/{bob.pk}", {"status": "banned"}))
    else:
        leave(bob, porch)

    leave(alice, porch)

    assert roles_in(porch) == {"dana": "admin"}
    assert status_of(bob, porch) == status


def test_the_last_member_ends_the_group(alice: User, bob: User, porch: Group) -> None:
    leave(bob, porch)
    leave(alice, porch)

    assert roles_in(porch) == {}
    stored = Group.objects.get()
    assert (stored.is_active, stored.member_count) == (False, 0)
    assert events_of(porch)[1:] == [("member-left", "alice", LEFT), ("group-deleted", None, {})]
    refusal_of(
        signed_in(bob).post("/api/v1/groups/join", {"accessCode": porch.access_code}), 404, "INVALID_ACCESS_CODE"
    )


def test_other_groups_of_the_person_go_on(alice: User, bob: User, porch: Group) -> None:
    garden = make_group(bob, alice, name="The Garden")

    leave(bob, porch)

    assert roles_in(garden) == {"alice": "member", "bob": "admin"}
    assert events_of(garden) == []


def test_one_leaves_once(bob: User, porch: Group) -> None:
    leave(bob, porch)
    before = traces()

    refusal_of(leave(bob, porch), 404, "NOT_FOUND")
    assert traces() == before


def test_an_outsider_gets_the_answer_of_a_group_that_does_not_exist(charlie: User, porch: Group) -> None:
    before = traces()

    outside = refusal_of(leave(charlie, porch), 404, "NOT_FOUND")
    assert outside == refusal_of(signed_in(charlie).post(f"/api/v1/groups/{uuid4()}/leave"), 404, "NOT_FOUND")
    assert traces() == before


def test_a_banned_person_stays_banned(bob: User, porch: Group) -> None:
    Membership.objects.filter(user=bob).update(status=Status.BANNED)
    before = traces()

    refusal_of(leave(bob, porch), 404, "NOT_FOUND")
    assert traces() == before


def test_nobody_leaves_an_archived_group(bob: User, porch: Group) -> None:
    Group.objects.update(is_active=False)
    before = traces()

    refusal_of(leave(bob, porch), 404, "NOT_FOUND")
    assert traces() == before


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    before = traces()

    refusal_of(anonymous.post(url(porch)), 401, "NOT_AUTHENTICATED")
    assert traces() == before


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_leave_at_once_never_leave_the_others_alone(alice: User) -> None:
    for number in range(12):
        group = make_group(alice, name=f"Group {number}")
        other = make_member(f"other_{number}", group, role=Role.ADMIN)
        make_member(f"heir_{number}", group)
        clients = [signed_in(alice), signed_in(other)]

        answers = at_once(2, lambda who: clients[who].post(url(group)))  # noqa: B023 (called within the round)

        assert [answer.status_code for answer in answers] == [200, 200]
        assert roles_in(group) == {f"heir_{number}": "admin"}
        assert [event for event, _, _ in events_of(group)] == ["member-left", "member-left", "member-updated"]


@pytest.mark.django_db(transaction=True)
def test_the_last_two_who_leave_at_once_end_the_group_once(alice: User, bob: User) -> None:
    clients = [signed_in(alice), signed_in(bob)]
    for number in range(12):
        group = make_group(alice, bob, name=f"Group {number}")

        answers = at_once(2, lambda who: clients[who].post(url(group)))  # noqa: B023 (called within the round)

        assert [answer.status_code for answer in answers] == [200, 200]
        assert roles_in(group) == {}
        names = [event for event, _, _ in events_of(group)]
        assert names.count("group-deleted") == 1 and names[-1] == "group-deleted"
        assert names.count("member-left") == 2


@pytest.mark.django_db(transaction=True)
def test_one_who_leaves_ten_times_at_once_leaves_once(bob: User, porch: Group) -> None:
    client = signed_in(bob)

    answers = at_once(10, lambda number: client.post(url(porch)))

    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 9
    assert roles_in(porch) == {"alice": "admin"}
    assert events_of(porch) == [("member-left", "bob", LEFT)]


@pytest.mark.django_db(transaction=True)
def test_who_leaves_while_being_removed_is_gone_once(alice: User, bob: User) -> None:
    reasons = set()
    clients = [signed_in(alice), signed_in(bob)]
    for number in range(8):
        group = make_group(alice, bob, name=f"Group {number}")
        member = f"/api/v1/groups/{group.pk}/members/{bob.pk}"
        calls = [lambda: clients[0].delete(member), lambda: clients[1].post(url(group))]  # noqa: B023

        answers = at_once(2, lambda who: calls[who]())  # noqa: B023

        assert sum(answer.status_code == 404 for answer in answers) == 1
        assert roles_in(group) == {"alice": "admin"}
        ((event, who, data),) = events_of(group)
        assert (event, who) == ("member-left", "bob")
        reasons.add(data["reason"])
    assert reasons <= {"left", "removed"}
