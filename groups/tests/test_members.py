"""GET /groups/:id/members."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from groups.members import join_group
from groups.models import Group, Membership, Status
from hucares.tests.answers import data_of, refusal_of


def url(group: Group) -> str:
    return f"/api/v1/groups/{group.pk}/members"


def test_a_member_sees_the_members_the_longest_standing_first(alice: User, bob: User, porch: Group) -> None:
    rows = data_of(signed_in(bob).get(url(porch)))

    assert [row["user"]["username"] for row in rows] == ["alice", "bob"]
    assert rows[1].pop("joinedAt").endswith("Z")
    assert "lastActiveAt" in rows[1]
    del rows[1]["lastActiveAt"]
    assert rows[1] == {
        "user": {"id": str(bob.pk), "username": "bob", "avatarUrl": None},
        "role": "member",
        "permissions": {"canInvite": False, "canKick": False},
        "status": "active",
    }


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_who_has_left_is_not_in_it(alice: User, bob: User, porch: Group, status: Status) -> None:
    Membership.objects.filter(user=bob).update(status=status)

    assert [row["user"]["username"] for row in data_of(signed_in(alice).get(url(porch)))] == ["alice"]
    refusal_of(signed_in(bob).get(url(porch)), 404, "NOT_FOUND")


def test_an_outsider_does_not_see_them(charlie: User, porch: Group) -> None:
    refusal_of(signed_in(charlie).get(url(porch)), 404, "NOT_FOUND")


def test_nobody_sees_those_of_an_archived_group(alice: User, porch: Group) -> None:
    Group.objects.update(is_active=False)

    refusal_of(signed_in(alice).get(url(porch)), 404, "NOT_FOUND")


def test_it_comes_in_pages(alice: User, porch: Group) -> None:
    answer = signed_in(alice).get(url(porch), {"limit": 1, "page": 2}).json()

    assert [row["user"]["username"] for row in answer["data"]] == ["bob"]
    assert answer["meta"]["pagination"] == {"page": 2, "limit": 1, "total": 2, "totalPages": 2}


def test_more_members_take_no_more_statements(alice: User, porch: Group) -> None:
    client = signed_in(alice)
    statements = []
    for expected in (2, 12):
        while Membership.objects.count() < expected:
            guest = make_user(f"guest_{Membership.objects.count()}")
            join_group(user=guest, access_code=porch.access_code)
        client.get(url(porch))
        with CaptureQueriesContext(connection) as captured:
            assert len(data_of(client.get(url(porch)))) == expected
        statements.append(len(captured))

    assert statements[0] == statements[1]


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    refusal_of(anonymous.get(url(porch)), 401, "NOT_AUTHENTICATED")
