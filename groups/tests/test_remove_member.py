"""DELETE /groups/:id/members/:userId."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.models import Group, Membership, Role, Status
from groups.tests.builders import make_group, make_member
from groups.tests.traces import events_of, roles_in, status_of, traces
from hucares.tests.answers import data_of, refusal_of

NOTHING = {"can_invite": False, "can_kick": False}
KICKS = {"can_invite": False, "can_kick": True}
INVITES = {"can_invite": True, "can_kick": False}


def url(group: Group, member_id: UUID | str) -> str:
    return f"/api/v1/groups/{group.pk}/members/{member_id}"


def remove(user: User, group: Group, member: User) -> Any:
    return signed_in(user).delete(url(group, member.pk))


@pytest.fixture
def dana(porch: Group) -> User:
    """A plain member, newer than Bob."""
    return make_member("dana", porch)


def make_bob(role: Role, permissions: dict[str, bool]) -> None:
    Membership.objects.filter(user__username="bob").update(role=role, permissions=permissions)


def test_a_member_is_taken_out_and_the_history_stays(alice: User, bob: User, porch: Group) -> None:
    check_in = make_check_in(bob, porch)

    answer = remove(alice, porch, bob)

    assert (answer.status_code, answer.content) == (204, b"")
    membership = Membership.objects.get(user=bob)
    assert (membership.status, membership.spans.get().left_at is None) == (Status.INACTIVE, False)
    assert CheckIn.objects.get() == check_in
    assert roles_in(porch) == {"alice": "admin"}
    assert events_of(porch)[1:] == [("member-left", "bob", {"reason": "removed"})]
    assert Group.objects.get().version > porch.version
    refusal_of(signed_in(bob).get(f"/api/v1/groups/{porch.pk}"), 404, "NOT_FOUND")


def test_who_was_taken_out_may_come_back(alice: User, bob: User, porch: Group) -> None:
    remove(alice, porch, bob)

    data_of(signed_in(bob).post("/api/v1/groups/join", {"accessCode": porch.access_code}))
    assert roles_in(porch) == {"alice": "admin", "bob": "member"}


@pytest.mark.parametrize("role", list(Role))
def test_an_admin_takes_out_anybody(alice: User, porch: Group, dana: User, role: Role) -> None:
    Membership.objects.filter(user=dana).update(role=role)

    assert remove(alice, porch, dana).status_code == 204
    assert roles_in(porch) == {"alice": "admin", "bob": "member"}


@pytest.mark.parametrize(("role", "permissions"), [(Role.MODERATOR, NOTHING), (Role.MEMBER, KICKS)])
def test_a_moderator_or_somebody_who_may_takes_out_a_plain_member(
    bob: User, porch: Group, dana: User, role: Role, permissions: dict[str, bool]
) -> None:
    make_bob(role, permissions)

    assert remove(bob, porch, dana).status_code == 204
    assert status_of(dana, porch) == Status.INACTIVE


@pytest.mark.parametrize(("role", "permissions"), [(Role.MODERATOR, KICKS), (Role.MEMBER, KICKS)])
@pytest.mark.parametrize("other", [Role.ADMIN, Role.MODERATOR])
def test_they_take_out_nobody_above_that(
    bob: User, porch: Group, dana: User, role: Role, permissions: dict[str, bool], other: Role
) -> None:
    make_bob(role, permissions)
    Membership.objects.filter(user=dana).update(role=other)
    before = traces()

    refusal_of(remove(bob, porch, dana), 403, "FORBIDDEN")
    assert traces() == before


@pytest.mark.parametrize("permissions", [NOTHING, INVITES])
def test_a_plain_member_is_refused_whoever_it_is_about(
    alice: User, bob: User, porch: Group, dana: User, permissions: dict[str, bool]
) -> None:
    make_bob(Role.MEMBER, permissions)
    before = traces()

    for member in (alice, bob, dana, make_user("stranger")):
        refusal_of(remove(bob, porch, member), 403, "FORBIDDEN")
    assert traces() == before


@pytest.mark.parametrize(
    ("role", "permissions"), [(Role.ADMIN, NOTHING), (Role.MODERATOR, NOTHING), (Role.MEMBER, KICKS)]
)
def test_nobody_takes_out_themselves(bob: User, porch: Group, role: Role, permissions: dict[str, bool]) -> None:
    make_bob(role, permissions)
    before = traces()

    refusal_of(remove(bob, porch, bob), 422, "SELF_ACTION")
    assert traces() == before


def test_who_was_never_in_the_group_is_not_found(alice: User, charlie: User, porch: Group) -> None:
    before = traces()

    stranger = refusal_of(remove(alice, porch, charlie), 404, "NOT_FOUND")
    assert stranger == refusal_of(signed_in(alice).delete(url(porch, uuid4())), 404, "NOT_FOUND")
    assert traces() == before


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_who_is_gone_is_not_found_and_stays_so(alice: User, bob: User, porch: Group, status: Status) -> None:
    Membership.objects.filter(user=bob).update(status=status)
    before = traces()

    refusal_of(remove(alice, porch, bob), 404, "NOT_FOUND")
    assert traces() == before


def test_a_member_of_another_group_is_not_found(alice: User, bob: User, charlie: User, porch: Group) -> None:
    make_group(alice, charlie, name="The Garden")
    before = traces()

    refusal_of(remove(alice, porch, charlie), 404, "NOT_FOUND")
    assert traces() == before


def test_an_outsider_gets_the_answer_of_a_group_that_does_not_exist(bob: User, charlie: User, porch: Group) -> None:
    before = traces()

    outside = refusal_of(remove(charlie, porch, bob), 404, "NOT_FOUND")
    nowhere = refusal_of(signed_in(charlie).delete(f"/api/v1/groups/{uuid4()}/members/{bob.pk}"), 404, "NOT_FOUND")
    assert outside == nowhere
    assert traces() == before


def test_an_archived_group_is_left_as_it_was(alice: User, bob: User, porch: Group) -> None:
    Group.objects.update(is_active=False)
    before = traces()

    refusal_of(remove(alice, porch, bob), 404, "NOT_FOUND")
    assert traces() == before


def test_what_is_no_id_is_not_found(alice: User, porch: Group) -> None:
    refusal_of(signed_in(alice).delete(url(porch, "bob")), 404, "NOT_FOUND")


def test_without_credentials_it_is_refused(anonymous: APIClient, bob: User, porch: Group) -> None:
    before = traces()

    refusal_of(anonymous.delete(url(porch, bob.pk)), 401, "NOT_AUTHENTICATED")
    assert traces() == before
