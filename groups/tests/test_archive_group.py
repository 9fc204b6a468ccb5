"""DELETE /groups/:id."""

from __future__ import annotations

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from groups.models import Group, Membership, Role, Status
from groups.tests.builders import make_group
from groups.tests.traces import events_of, traces
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.racing import at_once

PORCH_GONE = [("group-deleted", None, {})]


def url(group: Group) -> str:
    return f"/api/v1/groups/{group.pk}"


def test_the_group_is_hidden_from_everybody_and_kept(alice: User, bob: User, porch: Group) -> None:
    members = traces()["Membership"]

    answer = signed_in(alice).delete(url(porch))

    assert (answer.status_code, answer.content) == (204, b"")
    for user in (alice, bob):
        refusal_of(signed_in(user).get(url(porch)), 404, "NOT_FOUND")
        assert data_of(signed_in(user).get("/api/v1/groups")) == []
    stored = Group.objects.get()
    assert (stored.is_active, stored.member_count, stored.version) == (False, 2, porch.version + 1)
    assert traces()["Membership"] == members
    assert events_of(porch) == PORCH_GONE


def test_other_groups_go_on(alice: User, bob: User, porch: Group) -> None:
    garden = make_group(alice, bob, name="The Garden")

    signed_in(alice).delete(url(porch))

    assert [row["id"] for row in data_of(signed_in(bob).get("/api/v1/groups"))] == [str(garden.pk)]
    assert events_of(garden) == []


def test_it_ends_once(alice: User, porch: Group) -> None:
    signed_in(alice).delete(url(porch))
    before = traces()

    refusal_of(signed_in(alice).delete(url(porch)), 404, "NOT_FOUND")
    assert traces() == before


def test_staff_still_find_it(alice: User, porch: Group, client: APIClient) -> None:
    signed_in(alice).delete(url(porch))
    client.force_login(make_user("staff", is_staff=True, is_superuser=True))

    assert client.get(f"/admin/groups/group/{porch.pk}/change/").status_code == 200


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MODERATOR])
def test_other_members_are_refused(bob: User, porch: Group, role: Role) -> None:
    Membership.objects.filter(user=bob).update(role=role, permissions={"can_invite": True, "can_kick": True})
    before = traces()

    refusal_of(signed_in(bob).delete(url(porch)), 403, "FORBIDDEN")
    assert traces() == before


def test_an_outsider_gets_the_answer_of_a_group_that_does_not_exist(charlie: User, porch: Group) -> None:
    before = traces()

    outside = refusal_of(signed_in(charlie).delete(url(porch)), 404, "NOT_FOUND")
    assert outside == refusal_of(signed_in(charlie).delete(f"/api/v1/groups/{uuid4()}"), 404, "NOT_FOUND")
    assert traces() == before


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_a_former_admin_is_an_outsider(alice: User, porch: Group, status: Status) -> None:
    Membership.objects.filter(user=alice).update(status=status)
    before = traces()

    refusal_of(signed_in(alice).delete(url(porch)), 404, "NOT_FOUND")
    assert traces() == before


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    before = traces()

    refusal_of(anonymous.delete(url(porch)), 401, "NOT_AUTHENTICATED")
    assert traces() == before


@pytest.mark.django_db(transaction=True)
def test_five_who_end_it_at_once_end_it_once(alice: User, porch: Group) -> None:
    client = signed_in(alice)

    answers = at_once(5, lambda number: client.delete(url(porch)))

    assert sorted(answer.status_code for answer in answers) == [204, 404, 404, 404, 404]
    assert events_of(porch) == PORCH_GONE
