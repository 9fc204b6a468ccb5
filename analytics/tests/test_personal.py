"""GET /analytics/personal."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from analytics.tests.builders import URL, ask, make_week, make_weeks, stayed
from checkins.tests.builders import make_past_check_in
from groups.members import leave_group
from groups.models import Group, Membership, Status
from groups.services import archive_group
from groups.tests.builders import make_group
from hucares.tests.answers import refusal_of, refused_fields


def scores(figures: dict[str, Any]) -> list[float | None]:
    """The HuCares score of each week."""
    return [week["huCares"] for week in figures["series"]]


def test_every_week_of_the_range_is_a_row_with_its_averages(alice: User, porch: Group) -> None:
    make_weeks(alice, porch, [8, None, 5])

    figures = ask(alice, "personal", weeks=4)

    assert figures["range"] == {"from": "2026-03-02", "to": "2026-03-29", "weeks": 4}
    empty = dict.fromkeys(("productive", "satisfied", "body", "care", "huCares"))
    assert figures["series"] == [
        {"weekStart": "2026-03-02", **empty, "checkIns": 0},
        {
            "weekStart": "2026-03-09",
            "productive": 8,
            "satisfied": 7,
            "body": 6,
            "care": 9,
            "huCares": 12,
            "checkIns": 1,
        },
        {"weekStart": "2026-03-16", **empty, "checkIns": 0},
        {"weekStart": "2026-03-23", "productive": 5, "satisfied": 7, "body": 6, "care": 9, "huCares": 9, "checkIns": 1},
    ]


def test_averages_are_over_check_ins_not_over_weeks(alice: User, porch: Group) -> None:
    garden = make_group(alice, name="The Garden", check_in_frequency="daily")
    make_week(alice, porch, 1, productive_score=2)
    for day, productive in (("2026-03-23", 10), ("2026-03-24", 9)):
        make_past_check_in(alice, garden, day, productive_score=productive)

    figures = ask(alice, "personal", weeks=2)

    assert [week["productive"] for week in figures["series"]] == [2, 9.5]
    assert figures["averages"] == {
        "productive": 7,
        "satisfied": 7,
        "body": 6,
        "care": 9,
        "huCares": 11,
        "n": 3,
        "enoughData": True,
    }


def test_without_check_ins_there_is_nothing_and_it_says_so(charlie: User) -> None:
    figures = ask(charlie, "personal")

    assert len(figures["series"]) == figures["range"]["weeks"] == 12
    assert scores(figures) == [None] * 12
    assert figures["averages"]["n"] == 0
    assert figures["averages"]["enoughData"] is False
    assert figures["averages"]["huCares"] is None
    assert figures["trends"]["care"] == {
        "slopePerWeek": None,
        "direction": None,
        "pValue": None,
        "n": 0,
        "enoughData": False,
    }
    assert (figures["best"], figures["worst"], figures["participationRate"]) == (None, None, None)
    assert figures["streak"] == {"current": 0, "longest": 0}


def test_ones_own_private_check_ins_count(alice: User, porch: Group) -> None:
    make_week(alice, porch, 0, productive_score=1, is_private=True)
    User.objects.update(privacy_settings={"scores": "private"})

    assert scores(ask(alice, "personal", weeks=1)) == [5]


def test_nobody_elses_check_ins_count(alice: User, bob: User, porch: Group) -> None:
    make_week(bob, porch, 0)

    assert scores(ask(alice, "personal", weeks=1)) == [None]


def test_weeks_in_groups_that_one_has_left_or_that_have_ended_stay_ones_own(
    alice: User, bob: User, porch: Group
) -> None:
    make_week(bob, porch, 0)
    leave_group(user=bob, group_id=porch.pk)
    assert scores(ask(bob, "personal", weeks=1)) == [12]

    archive_group(user=alice, group_id=porch.pk)
    assert scores(ask(bob, "personal", weeks=1)) == [12]
    assert ask(bob, "personal", weeks=1)["streak"]["current"] == 1


def test_in_a_group_only_what_was_checked_in_there_counts(alice: User, porch: Group) -> None:
    garden = make_group(alice, name="The Garden")
    make_week(alice, porch, 0, productive_score=1)
    make_week(alice, garden, 0, productive_score=9)

    assert scores(ask(alice, "personal", weeks=1)) == [9]
    assert scores(ask(alice, "personal", weeks=1, groupId=str(porch.pk))) == [5]
    assert scores(ask(alice, "personal", weeks=1, groupId=str(garden.pk))) == [13]


def test_a_trend_is_told_from_six_weeks_on(alice: User, porch: Group) -> None:
    make_weeks(alice, porch, [2, 3, 4, 5, 6])
    trend = ask(alice, "personal")["trends"]["productive"]
    assert trend == {"slopePerWeek": None, "direction": None, "pValue": None, "n": 5, "enoughData": False}

    make_week(alice, porch, 6, productive_score=1)  # with a gap of a week
    trend = ask(alice, "personal")["trends"]["productive"]
    assert trend == {
        "slopePerWeek": 1,
        "direction": "up",
        "pValue": pytest.approx(2 / 720),  # of all orders of six, one rises throughout and one falls
        "n": 6,
        "enoughData": True,
    }


@pytest.mark.parametrize(
    ("productive", "direction"),
    [
        ([9, 8, 7, 6, 5, 4], "down"),
        ([5, 5, 5, 5, 5, 5], "steady"),
        ([5, 6, 4, 6, 5, 4], "steady"),
        ([4, 5, 5, 6, 5, 6], "steady"),  # it rises, but so would every sixth order of these
    ],
)
def test_a_trend_has_a_direction_only_if_chance_would_hardly_do_as_much(
    alice: User, porch: Group, productive: list[int | None], direction: str
) -> None:
    make_weeks(alice, porch, productive)

    trend = ask(alice, "personal")["trends"]["productive"]
    assert (trend["direction"], trend["enoughData"]) == (direction, True)
    assert (trend["pValue"] < 0.1) == (direction != "steady")


def test_the_best_and_the_worst_week_are_rows_and_of_equal_ones_the_newer(alice: User, porch: Group) -> None:
    make_weeks(alice, porch, [9, 3, 9, 3, 6])

    figures = ask(alice, "personal")

    assert figures["best"] == figures["series"][-3]
    assert figures["worst"] == figures["series"][-2]


def test_participation_is_closed_periods_with_a_check_in_of_those_present(alice: User, porch: Group) -> None:
    stayed(alice, porch, "2026-02-25")
    make_weeks(alice, porch, [8, None, 8, None])

    assert ask(alice, "personal")["participationRate"] == pytest.approx(2 / 4)  # of 4 closed weeks
    make_week(alice, porch, 0)
    assert ask(alice, "personal")["participationRate"] == pytest.approx(2 / 4)
    assert ask(alice, "personal", now="2026-03-30T00:00:00Z")["participationRate"] == pytest.approx(3 / 5)


def test_participation_counts_each_groups_own_periods_while_one_was_there(alice: User, bob: User, porch: Group) -> None:
    garden = make_group(alice, bob, name="The Garden", check_in_frequency="daily")
    stayed(bob, porch, "2026-03-11")  # a Wednesday: the weeks of 9 and 16 March
    stayed(bob, garden, "2026-03-16", "2026-03-19")  # four days
    make_week(bob, porch, 2)
    for day in ("2026-03-17", "2026-03-18", "2026-03-19"):
        make_past_check_in(bob, garden, day)
    Membership.objects.filter(user=bob, group=garden).update(status=Status.INACTIVE)

    assert ask(bob, "personal")["participationRate"] == pytest.approx((1 + 3) / (2 + 4))
    assert ask(bob, "personal", groupId=str(porch.pk))["participationRate"] == pytest.approx(1 / 2)


def test_before_any_period_has_closed_there_is_no_participation(alice: User, porch: Group) -> None:
    stayed(alice, porch, "2026-03-23")
    make_week(alice, porch, 0)

    assert ask(alice, "personal")["participationRate"] is None


@pytest.mark.parametrize(
    ("zone", "productive"),
    [("UTC", [9, None]), ("Pacific/Kiritimati", [None, 9]), ("America/Los_Angeles", [9, None])],
)
def test_a_check_in_is_in_the_week_of_ones_own_calendar_in_which_it_was_made(
    alice: User, porch: Group, zone: str, productive: list[float | None]
) -> None:
    User.objects.filter(pk=alice.pk).update(timezone=zone)
    make_past_check_in(alice, porch, "2026-03-22", productive_score=9)  # Sunday noon, on Kiritimati Monday morning

    assert [week["productive"] for week in ask(alice, "personal", weeks=2)["series"]] == productive


def test_a_group_of_others_is_not_found(bob: User, charlie: User, porch: Group) -> None:
    Membership.objects.filter(user=bob).update(status=Status.INACTIVE)
    nowhere = refusal_of(signed_in(charlie).get(f"{URL}/personal", {"groupId": str(uuid4())}), 404, "NOT_FOUND")

    for outsider in (bob, charlie):
        response = signed_in(outsider).get(f"{URL}/personal", {"groupId": str(porch.pk)})
        assert refusal_of(response, 404, "NOT_FOUND") == nowhere


@pytest.mark.parametrize("path", ["personal", "comparison"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weeks", "0"),
        ("weeks", "105"),
        ("weeks", "-3"),
        ("weeks", "many"),
        ("weeks", "1.5"),
        ("weeks", "\x00"),
        ("weeks", "9" * 2000),
        ("groupId", "porch"),
        ("groupId", "\x00"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(alice: User, path: str, name: str, value: str) -> None:
    assert refused_fields(signed_in(alice).get(f"{URL}/{path}", {name: value})) == {name}


@pytest.mark.parametrize("path", ["personal", "comparison", "group/01a215f1-883e-49b1-94a2-310e2d46d52e"])
def test_without_credentials_it_is_refused(anonymous: APIClient, db: None, path: str) -> None:
    refusal_of(anonymous.get(f"{URL}/{path}"), 401, "NOT_AUTHENTICATED")
