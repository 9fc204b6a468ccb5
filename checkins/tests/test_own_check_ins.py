"""GET /checkins."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group
from hucares.tests.answers import data_of, refusal_of, refused_fields

URL = "/api/v1/checkins"


@pytest.fixture
def weeks(alice: User, bob: User, porch: Group) -> list[CheckIn]:
    """Three weeks of Alice's on the porch, with scores 12, 13 and 9; Bob's are there too."""
    made = []
    for day, productive in (("2026-03-02", 8), ("2026-03-09", 9), ("2026-03-16", 5)):
        with time_machine.travel(f"{day}T12:00:00Z", tick=False):
            made.append(make_check_in(alice, porch, productive_score=productive))
            make_check_in(bob, porch)
    return made


def days(client: APIClient, **query: Any) -> list[str]:
    return [row["weekStartDate"] for row in data_of(client.get(URL, query))]


def test_it_lists_the_callers_own_the_newest_first(alice: User, weeks: list[CheckIn]) -> None:
    rows = data_of(signed_in(alice).get(URL))

    assert [row["id"] for row in rows] == [str(check_in.pk) for check_in in reversed(weeks)]
    assert {row["userId"] for row in rows} == {str(alice.pk)}
    assert rows[0]["huCaresScore"] == 9


def test_ones_own_private_check_in_is_whole(alice: User, porch: Group) -> None:
    User.objects.filter(pk=alice.pk).update(privacy_settings={"scores": "private"})
    make_check_in(alice, porch, is_private=True, reflection_note="For me.")

    row = data_of(signed_in(alice).get(URL))[0]
    assert (row["hidden"], row["isPrivate"], row["productive"], row["reflectionNote"]) == (False, True, 8, "For me.")


def test_it_is_narrowed_to_one_group(alice: User, weeks: list[CheckIn], porch: Group) -> None:
    garden = make_group(alice, name="The Garden")
    planted = make_check_in(alice, garden)
    client = signed_in(alice)

    assert [row["id"] for row in data_of(client.get(URL, {"groupId": str(garden.pk)}))] == [str(planted.pk)]
    assert len(days(client, groupId=str(porch.pk))) == 3
    assert len(days(client)) == 4


def test_it_is_narrowed_by_first_days_inclusive(alice: User, weeks: list[CheckIn]) -> None:
    client = signed_in(alice)

    assert days(client, **{"from": "2026-03-09"}) == ["2026-03-16", "2026-03-09"]
    assert days(client, to="2026-03-09") == ["2026-03-09", "2026-03-02"]
    assert days(client, **{"from": "2026-03-03", "to": "2026-03-15"}) == ["2026-03-09"]
    assert days(client, **{"from": "2026-03-15", "to": "2026-03-03"}) == []


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("weekStartDate", ["2026-03-02", "2026-03-09", "2026-03-16"]),
        ("-weekStartDate", ["2026-03-16", "2026-03-09", "2026-03-02"]),
        ("submittedAt", ["2026-03-02", "2026-03-09", "2026-03-16"]),
        ("huCaresScore", ["2026-03-16", "2026-03-02", "2026-03-09"]),
        ("-huCaresScore", ["2026-03-09", "2026-03-02", "2026-03-16"]),
    ],
)
def test_it_is_ordered_as_asked(alice: User, weeks: list[CheckIn], ordering: str, expected: list[str]) -> None:
    assert days(signed_in(alice), ordering=ordering) == expected


def test_equal_rows_keep_their_places_from_page_to_page(alice: User) -> None:
    for number in range(5):
        make_check_in(alice, make_group(alice, name=f"Group {number}"))
    client = signed_in(alice)

    pages = [
        row["id"]
        for page in range(1, 6)
        for row in data_of(client.get(URL, {"ordering": "huCaresScore", "limit": 1, "page": page}))
    ]
    assert len(set(pages)) == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("groupId", "porch"),
        ("groupId", "\x00"),
        ("from", "yesterday"),
        ("from", "2026-02-30"),
        ("to", "2026-13-01"),
        ("to", "\x00"),
        ("ordering", "password"),
        ("ordering", "user__email"),
        ("ordering", "-"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(alice: User, name: str, value: str) -> None:
    assert refused_fields(signed_in(alice).get(URL, {name: value})) == {name}


def test_a_group_of_others_is_not_found(charlie: User, porch: Group) -> None:
    client = signed_in(charlie)

    outside = refusal_of(client.get(URL, {"groupId": str(porch.pk)}), 404, "NOT_FOUND")
    assert outside == refusal_of(client.get(URL, {"groupId": str(uuid4())}), 404, "NOT_FOUND")


def test_what_was_written_in_a_group_that_one_has_left_stays_ones_own(
    alice: User, weeks: list[CheckIn], porch: Group
) -> None:
    Membership.objects.filter(user=alice).update(status=Status.INACTIVE)
    client = signed_in(alice)

    assert len(days(client)) == 3
    refusal_of(client.get(URL, {"groupId": str(porch.pk)}), 404, "NOT_FOUND")


def test_more_rows_take_no_more_statements(alice: User) -> None:
    client = signed_in(alice)
    statements = []
    for number in range(12):
        make_check_in(alice, make_group(alice, name=f"Group {number}"))
        if number in {1, 11}:
            client.get(URL)
            with CaptureQueriesContext(connection) as captured:
                assert len(data_of(client.get(URL))) == number + 1
            statements.append(len(captured))

    assert statements[0] == statements[1]


def test_without_credentials_it_is_refused(anonymous: APIClient, weeks: list[CheckIn]) -> None:
    refusal_of(anonymous.get(URL), 401, "NOT_AUTHENTICATED")
