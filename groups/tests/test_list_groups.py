"""GET /groups."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group
from hucares.tests.answers import data_of, refusal_of

URL = "/api/v1/groups"


def test_it_lists_the_groups_of_the_caller_with_the_callers_role(alice: User, bob: User, porch: Group) -> None:
    make_group(alice, name="Alice alone")
    garden = make_group(bob, name="The Garden")

    rows = data_of(signed_in(bob).get(URL))

    assert [(row["name"], row["myRole"]) for row in rows] == [("The Garden", "admin"), ("The Porch", "member")]
    assert rows[0]["id"] == str(garden.pk)
    assert rows[1].keys() >= {"currentPeriod", "accessCode", "memberCount"}


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_a_group_that_the_caller_has_left_is_not_in_it(bob: User, porch: Group, status: Status) -> None:
    Membership.objects.filter(user=bob).update(status=status)

    assert data_of(signed_in(bob).get(URL)) == []


def test_an_archived_group_is_not_in_it(alice: User, porch: Group) -> None:
    Group.objects.update(is_active=False)

    assert data_of(signed_in(alice).get(URL)) == []


def test_it_comes_in_pages(alice: User) -> None:
    for number in range(3):
        make_group(alice, name=f"Group {number}")
    client = signed_in(alice)

    pages = [client.get(URL, {"limit": 2, "page": page}).json() for page in (1, 2)]

    assert [row["name"] for page in pages for row in page["data"]] == ["Group 2", "Group 1", "Group 0"]
    assert pages[1]["meta"]["pagination"] == {"page": 2, "limit": 2, "total": 3, "totalPages": 2}


def test_more_groups_take_no_more_statements(alice: User) -> None:
    client = signed_in(alice)
    statements = []
    for number in range(12):
        make_group(alice, name=f"Group {number}")
        if number in {1, 11}:
            client.get(URL)
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert len(data_of(client.get(URL))) == number + 1
            statements.append(len(captured))

    assert statements[0] == statements[1]


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    refusal_of(anonymous.get(URL), 401, "NOT_AUTHENTICATED")
