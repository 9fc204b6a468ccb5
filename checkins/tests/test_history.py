"""GET /checkins/history."""

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
from checkins.tests.builders import make_past_check_in
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group
from hucares.tests.answers import data_of, refusal_of, refused_fields

URL = "/api/v1/checkins/history"
NOW = "2026-03-25T12:00:00Z"  # a Wednesday


def rows(user: User, now: str = NOW, **query: Any) -> list[dict[str, Any]]:
    with time_machine.travel(now, tick=False):
        found: list[dict[str, Any]] = data_of(signed_in(user).get(URL, query))
    return found


def starts(user: User, now: str = NOW, **query: Any) -> list[str]:
    return [row["periodStart"] for row in rows(user, now, **query)]


def changes(user: User, **query: Any) -> list[tuple[str, float | None]]:
    return [(row["periodStart"], row["change"]) for row in rows(user, **query)]


@pytest.fixture
def weeks(alice: User, bob: User, porch: Group) -> None:
    """Alice on the porch, with scores 12, 14, none, 9 and, in the open week, 13; Bob is there too."""
    for day, productive in (("2026-02-25", 8), ("2026-03-04", 10), ("2026-03-18", 5), ("2026-03-24", 9)):
        make_past_check_in(alice, porch, day, productive_score=productive)
        make_past_check_in(bob, porch, day, productive_score=1)


@pytest.mark.usefixtures("weeks")
@pytest.mark.parametrize("in_the_group", [False, True])
def test_each_closed_week_with_a_check_in_is_a_row_the_newest_first(
    alice: User, porch: Group, in_the_group: bool
) -> None:
    found = rows(alice, **({"groupId": str(porch.pk)} if in_the_group else {}))

    assert found[0] == {
        "periodStart": "2026-03-16",
        "periodEnd": "2026-03-22",
        "checkIns": 1,
        "average": {"productive": 5, "satisfied": 7, "body": 6, "care": 9, "huCares": 9},
        "change": -5,
    }
    assert [(row["periodStart"], row["change"]) for row in found] == [
        ("2026-03-16", -5),
        ("2026-03-02", 2),
        ("2026-02-23", None),
    ]


@pytest.mark.usefixtures("weeks")
@pytest.mark.parametrize(("now", "newest"), [("2026-03-29T23:59:59Z", "2026-03-16"), ("2026-03-30", "2026-03-23")])
def test_a_period_is_in_it_from_the_instant_at_which_it_closes(
    alice: User, porch: Group, now: str, newest: str
) -> None:
    assert starts(alice, now)[0] == newest
    assert starts(alice, now, groupId=str(porch.pk))[0] == newest


def test_a_week_is_the_average_over_all_groups_and_ones_own_private_check_ins_count(alice: User, porch: Group) -> None:
    garden = make_group(alice, name="The Garden", check_in_frequency="daily")
    make_past_check_in(alice, porch, "2026-03-02", productive_score=1, is_private=True)  # 5
    make_past_check_in(alice, garden, "2026-03-02", productive_score=8)  # 12
    make_past_check_in(alice, garden, "2026-03-08", productive_score=7)  # 11
    make_past_check_in(alice, garden, "2026-03-09", care_score=1)  # 20
    User.objects.update(privacy_settings={"scores": "private"})

    newer, older = rows(alice)

    assert (older["periodStart"], older["checkIns"], older["change"]) == ("2026-03-02", 3, None)
    assert older["average"] == pytest.approx(
        {"productive": 16 / 3, "satisfied": 7, "body": 6, "care": 9, "huCares": 28 / 3}
    )
    assert (newer["checkIns"], newer["change"]) == (1, pytest.approx(20 - 28 / 3))


def test_in_a_group_each_check_in_keeps_the_period_it_was_made_in(alice: User, porch: Group) -> None:
    for frequency, day in (("biweekly", "2026-02-10"), ("weekly", "2026-02-25"), ("daily", "2026-03-05")):
        Group.objects.update(check_in_frequency=frequency)
        make_past_check_in(alice, porch, day)

    assert [(row["periodStart"], row["periodEnd"], row["checkIns"]) for row in rows(alice, groupId=str(porch.pk))] == [
        ("2026-03-05", "2026-03-05", 1),
        ("2026-02-23", "2026-03-01", 1),
        ("2026-02-09", "2026-02-22", 1),
    ]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", "2026-03-02"), ("Pacific/Kiritimati", "2026-03-09"), ("America/Los_Angeles", "2026-03-02")],
)
def test_a_check_in_is_in_the_week_of_ones_own_calendar_in_which_it_was_made(
    alice: User, porch: Group, zone: str, expected: str
) -> None:
    User.objects.update(timezone=zone)
    alice.refresh_from_db()
    make_past_check_in(alice, porch, "2026-03-08")  # Sunday noon, on Kiritimati Monday morning

    assert starts(alice) == [expected]
    assert starts(alice, groupId=str(porch.pk)) == ["2026-03-02"]


@pytest.mark.parametrize(
    ("zone", "last_instant", "first_instant"),
    [
        ("Pacific/Kiritimati", "2026-03-08T09:59:59Z", "2026-03-08T10:00:00Z"),
        ("America/Los_Angeles", "2026-03-09T06:59:59Z", "2026-03-09T07:00:00Z"),  # the clocks went forward on the 8th
    ],
)
def test_a_week_is_closed_when_it_is_over_where_one_lives(
    alice: User, porch: Group, zone: str, last_instant: str, first_instant: str
) -> None:
    User.objects.update(timezone=zone)
    make_past_check_in(alice, porch, "2026-03-04")

    assert starts(alice, last_instant) == []
    assert starts(alice, first_instant) == ["2026-03-02"]


@pytest.mark.usefixtures("weeks")
@pytest.mark.parametrize("in_the_group", [False, True])
def test_it_is_narrowed_by_first_days_inclusive(alice: User, porch: Group, in_the_group: bool) -> None:
    group = {"groupId": str(porch.pk)} if in_the_group else {}

    assert starts(alice, **group, **{"from": "2026-03-02"}) == ["2026-03-16", "2026-03-02"]
    assert starts(alice, **group, to="2026-03-02") == ["2026-03-02", "2026-02-23"]
    assert starts(alice, **group, **{"from": "2026-02-24", "to": "2026-03-15"}) == ["2026-03-02"]
    assert starts(alice, **group, **{"from": "2026-03-16", "to": "2026-03-01"}) == []


@pytest.mark.usefixtures("weeks")
def test_the_change_is_that_from_the_row_before_be_it_on_another_page_or_not_asked_for(alice: User) -> None:
    assert changes(alice, limit=1) == [("2026-03-16", -5)]
    assert changes(alice, limit=2, page=1) == [("2026-03-16", -5), ("2026-03-02", 2)]
    assert changes(alice, limit=2, page=2) == [("2026-02-23", None)]
    assert changes(alice, **{"from": "2026-03-02"}) == [("2026-03-16", -5), ("2026-03-02", 2)]
    assert changes(alice, **{"from": "2026-03-02", "to": "2026-03-02"}) == [("2026-03-02", 2)]


@pytest.mark.usefixtures("weeks")
def test_its_pages_are_counted(alice: User) -> None:
    def pages(**query: Any) -> dict[str, int]:
        with time_machine.travel(NOW, tick=False):
            counted: dict[str, int] = signed_in(alice).get(URL, query).json()["meta"]["pagination"]
        return counted

    assert pages(limit=2) == {"page": 1, "limit": 2, "total": 3, "totalPages": 2}
    assert pages(**{"from": "2026-03-02"}) == {"page": 1, "limit": 20, "total": 2, "totalPages": 1}
    assert pages(page=7) == {"page": 7, "limit": 20, "total": 3, "totalPages": 1}
    assert starts(alice, page=7) == []


@pytest.mark.usefixtures("weeks")
def test_weeks_in_groups_that_one_has_left_or_that_have_ended_stay_ones_own(alice: User, porch: Group) -> None:
    Membership.objects.filter(user=alice).update(status=Status.INACTIVE)
    assert len(rows(alice)) == 3

    Group.objects.update(is_active=False)
    assert len(rows(alice)) == 3


def test_who_has_never_checked_in_has_none(charlie: User) -> None:
    assert rows(charlie) == []


def test_a_group_of_others_is_not_found(bob: User, charlie: User, porch: Group) -> None:
    Membership.objects.filter(user=bob).update(status=Status.INACTIVE)
    nowhere = refusal_of(signed_in(charlie).get(URL, {"groupId": str(uuid4())}), 404, "NOT_FOUND")

    for outsider in (bob, charlie):
        assert refusal_of(signed_in(outsider).get(URL, {"groupId": str(porch.pk)}), 404, "NOT_FOUND") == nowhere


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("groupId", "porch"),
        ("groupId", "\x00"),
        ("from", "yesterday"),
        ("from", "2026-02-30"),
        ("from", "0001-01-01"),
        ("to", "2026-13-01"),
        ("to", "\x00"),
        ("limit", "0"),
        ("page", "x"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(alice: User, name: str, value: str) -> None:
    assert refused_fields(signed_in(alice).get(URL, {name: value})) == {name}


@pytest.mark.parametrize("in_the_group", [False, True])
def test_more_rows_take_no_more_statements(alice: User, porch: Group, in_the_group: bool) -> None:
    query = {"groupId": str(porch.pk)} if in_the_group else {}
    client = signed_in(alice)
    statements = []
    for number in range(1, 12):
        make_past_check_in(alice, porch, f"2025-{number:02}-10")
        if number in {2, 11}:
            client.get(URL, query)
            with CaptureQueriesContext(connection) as captured:
                assert len(data_of(client.get(URL, query))) == number
            statements.append(len(captured))

    assert statements[0] == statements[1]


def test_without_credentials_it_is_refused(anonymous: APIClient, db: None) -> None:
    refusal_of(anonymous.get(URL), 401, "NOT_AUTHENTICATED")
