"""GET /groups/:id."""

from __future__ import annotations

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from groups.models import Group, Membership, Role, Status
from hucares.tests.answers import data_of, refusal_of


def url(group: Group) -> str:
    return f"/api/v1/groups/{group.pk}"


def test_a_member_sees_the_group(bob: User, porch: Group) -> None:
    group = data_of(signed_in(bob).get(url(porch)))

    assert (group["id"], group["name"], group["myRole"]) == (str(porch.pk), "The Porch", "member")
    assert (group["memberCount"], group["accessCode"]) == (2, porch.access_code)


@pytest.mark.parametrize(
    ("role", "can_invite", "sees_code"),
    [
        (Role.ADMIN, False, True),
        (Role.MODERATOR, False, True),
        (Role.MEMBER, True, True),
        (Role.MEMBER, False, False),
    ],
)
def test_the_access_code_is_for_those_who_may_invite(
    bob: User, porch: Group, role: Role, can_invite: bool, sees_code: bool
) -> None:
    Group.objects.update(allow_member_invite=False)
    permissions = {"can_invite": can_invite, "can_kick": False}
    Membership.objects.filter(user=bob).update(role=role, permissions=permissions)

    code = data_of(signed_in(bob).get(url(porch)))["accessCode"]

    assert code == (porch.access_code if sees_code else None)


def test_an_outsider_gets_the_answer_of_a_group_that_does_not_exist(charlie: User, porch: Group) -> None:
    client = signed_in(charlie)

    outside = refusal_of(client.get(url(porch)), 404, "NOT_FOUND")
    nowhere = refusal_of(client.get(f"/api/v1/groups/{uuid4()}"), 404, "NOT_FOUND")
    assert outside == nowhere


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_who_has_left_does_not_see_it(bob: User, porch: Group, status: Status) -> None:
    Membership.objects.filter(user=bob).update(status=status)

    refusal_of(signed_in(bob).get(url(porch)), 404, "NOT_FOUND")


def test_an_archived_group_is_hidden_from_its_admin_and_from_staff(alice: User, porch: Group) -> None:
    Group.objects.update(is_active=False)

    refusal_of(signed_in(alice).get(url(porch)), 404, "NOT_FOUND")
    refusal_of(signed_in(make_user("staff", is_staff=True)).get(url(porch)), 404, "NOT_FOUND")


def test_what_is_no_id_is_not_found(alice: User) -> None:
    refusal_of(signed_in(alice).get("/api/v1/groups/porch"), 404, "NOT_FOUND")


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    refusal_of(anonymous.get(url(porch)), 401, "NOT_AUTHENTICATED")
