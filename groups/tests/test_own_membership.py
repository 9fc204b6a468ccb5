"""PUT /groups/:id/members/me."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.models import Group, Membership, Role, Status
from groups.tests.builders import make_group
from groups.tests.traces import events_of, traces
from hucares.tests.answers import data_of, refusal_of, refused_fields
from notifications.models import Notification


def url(group: Group) -> str:
    return f"/api/v1/groups/{group.pk}/members/me"


def put(user: User, group: Group, **body: Any) -> Any:
    return signed_in(user).put(url(group), body)


def test_who_mutes_a_group_hears_of_it_no_more_until_it_is_unmuted(alice: User, bob: User, porch: Group) -> None:
    member = data_of(put(bob, porch, notificationEnabled=False))

    assert member.pop("joinedAt").endswith("Z")
    del member["lastActiveAt"]
    assert member == {
        "user": {"id": str(bob.pk), "username": "bob", "avatarUrl": None},
        "role": "member",
        "permissions": {"canInvite": False, "canKick": False},
        "status": "active",
        "notificationEnabled": False,
    }
    make_check_in(alice, porch)
    assert not Notification.objects.exists()

    CheckIn.objects.all().delete()
    assert data_of(put(bob, porch, notificationEnabled=True))["notificationEnabled"] is True
    make_check_in(alice, porch)
    assert Notification.objects.get().user == bob


def test_it_is_nobody_elses_business(alice: User, bob: User, porch: Group) -> None:
    data_of(put(bob, porch, notificationEnabled=False))

    assert Membership.objects.get(user=alice).notification_enabled is True
    assert events_of(porch) == []
    for row in data_of(signed_in(alice).get(f"/api/v1/groups/{porch.pk}/members")):
        assert "notificationEnabled" not in row


def test_other_groups_are_heard_as_before(alice: User, bob: User, porch: Group) -> None:
    garden = make_group(alice, bob, name="The Garden")

    data_of(put(bob, porch, notificationEnabled=False))

    make_check_in(alice, garden)
    assert Notification.objects.get().user == bob


def test_nobody_promotes_themselves_here(bob: User, porch: Group) -> None:
    body = {"role": "admin", "permissions": {"canKick": True}, "status": "banned", "notificationEnabled": True}

    data_of(put(bob, porch, **body))

    membership = Membership.objects.get(user=bob)
    assert (membership.role, membership.status) == (Role.MEMBER, Status.ACTIVE)
    assert membership.permissions == {"can_invite": False, "can_kick": False}


@pytest.mark.parametrize(
    "body", [{}, {"notificationEnabled": None}, {"notificationEnabled": "false"}, {"notificationEnabled": 0}]
)
def test_what_does_not_fit_is_refused_by_name(bob: User, porch: Group, body: dict[str, Any]) -> None:
    before = traces()

    assert refused_fields(put(bob, porch, **body)) == {"notificationEnabled"}
    assert traces() == before


def test_an_outsider_gets_the_answer_of_a_group_that_does_not_exist(charlie: User, porch: Group) -> None:
    before = traces()

    outside = refusal_of(put(charlie, porch, notificationEnabled=False), 404, "NOT_FOUND")
    nowhere = signed_in(charlie).put(f"/api/v1/groups/{uuid4()}/members/me", {"notificationEnabled": False})
    assert outside == refusal_of(nowhere, 404, "NOT_FOUND")
    assert traces() == before


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_who_is_gone_is_an_outsider(bob: User, porch: Group, status: Status) -> None:
    Membership.objects.filter(user=bob).update(status=status)
    before = traces()

    refusal_of(put(bob, porch, notificationEnabled=False), 404, "NOT_FOUND")
    assert traces() == before


def test_there_is_nothing_to_hear_of_an_archived_group(bob: User, porch: Group) -> None:
    Group.objects.update(is_active=False)
    before = traces()

    refusal_of(put(bob, porch, notificationEnabled=False), 404, "NOT_FOUND")
    assert traces() == before


def test_it_is_only_put(bob: User, porch: Group) -> None:
    refusal_of(signed_in(bob).delete(url(porch)), 405, "METHOD_NOT_ALLOWED")


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    before = traces()

    refusal_of(anonymous.put(url(porch), {"notificationEnabled": False}), 401, "NOT_AUTHENTICATED")
    assert traces() == before
