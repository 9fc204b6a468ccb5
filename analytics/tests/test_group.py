"""GET /analytics/group/:id."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from accounts.tests.builders import signed_in
from analytics.tests.builders import URL, ask, make_week, make_weeks, stayed
from checkins.tests.builders import make_past_check_in
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group, make_member
from hucares.tests.answers import refusal_of, refused_fields

NOTHING = {**dict.fromkeys(("productive", "satisfied", "body", "care", "huCares")), "enoughData": False}


def figures_of(group: Group, viewer: User, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = ask(viewer, f"group/{group.pk}", **query)
    return found


def counts(figures: dict[str, Any]) -> list[int | None]:
    return [one["count"] for one in figures["distribution"]]


@pytest.fixture
def week(alice: User, bob: User, porch: Group) -> None:
    """Alice (12) and Bob (6) on the porch since two weeks before, and a check-in of each in the last closed one."""
    stayed(alice, porch, "2026-03-09")
    stayed(bob, porch, "2026-03-09")
    make_week(alice, porch, 1)
    make_week(bob, porch, 1, productive_score=2)


@pytest.mark.usefixtures("week")
def test_every_week_has_averages_and_who_took_part(alice: User, porch: Group) -> None:
    figures = figures_of(porch, alice, weeks=3)

    assert figures["range"] == {"from": "2026-03-09", "to": "2026-03-29", "weeks": 3}
    empty = {"averages": {**NOTHING, "n": 0}, "participants": 0, "members": 2, "participationRate": 0}
    assert figures["series"] == [
        {"weekStart": "2026-03-09", **empty},
        {
            "weekStart": "2026-03-16",
            "averages": {
                "productive": 5,
                "satisfied": 7,
                "body": 6,
                "care": 9,
                "huCares": 9,
                "n": 2,
                "enoughData": True,
            },
            "participants": 2,
            "members": 2,
            "participationRate": 1,
        },
        {"weekStart": "2026-03-23", **empty},
    ]
    assert figures["averages"] == figures["series"][1]["averages"]


@pytest.mark.usefixtures("week")
def test_participation_is_over_closed_weeks(alice: User, porch: Group) -> None:
    assert figures_of(porch, alice)["participationRate"] == 1 / 2  # the weeks of 9 and 16 March
    make_week(alice, porch, 0)
    assert figures_of(porch, alice)["participationRate"] == 1 / 2
    assert figures_of(porch, alice, now="2026-03-30T12:00:00Z")["participationRate"] == pytest.approx(3 / 6)


@pytest.mark.usefixtures("week")
def test_the_distribution_counts_check_ins_by_score_and_leaves_no_score_out(alice: User, porch: Group) -> None:
    figures = figures_of(porch, alice)

    ranges = [(one["from"], one["to"]) for one in figures["distribution"]]
    assert ranges == [(-7, -1), (0, 4), (5, 9), (10, 14), (15, 19), (20, 24), (25, 29)]
    assert counts(figures) == [0, 0, 1, 1, 0, 0, 0]
    assert sum(counts(figures)) == figures["averages"]["n"]  # type: ignore[arg-type]


def test_the_lowest_and_the_highest_score_have_their_ranges(alice: User, bob: User, porch: Group) -> None:
    lowest = {"productive_score": 1, "satisfied_score": 1, "body_score": 1, "care_score": 10}
    highest = {"productive_score": 10, "satisfied_score": 10, "body_score": 10, "care_score": 1}
    make_week(alice, porch, 1, **lowest)
    make_week(bob, porch, 1, **highest)

    assert counts(figures_of(porch, alice)) == [1, 0, 0, 0, 0, 0, 1]


@pytest.mark.usefixtures("week")
def test_what_one_person_alone_shares_is_no_figure(alice: User, bob: User, porch: Group) -> None:
    make_week(alice, porch, 0)
    figures = figures_of(porch, bob)
    assert figures["series"][-1]["averages"] == {**NOTHING, "n": 1}
    assert figures["series"][-1]["participants"] == 1
    assert figures["averages"]["n"] == 3

    User.objects.filter(pk=bob.pk).update(privacy_settings={"scores": "private"})
    Group.objects.update(version=99)  # as every change of privacy moves it
    figures = figures_of(porch, bob)
    assert figures["averages"] == {**NOTHING, "n": 2}
    assert counts(figures) == [None] * 7
    assert [week["averages"]["enoughData"] for week in figures["series"]] == [False] * 12
    assert figures["participationRate"] == 1 / 2


@pytest.mark.usefixtures("week")
def test_private_check_ins_count_for_participation_alone_whoever_looks(alice: User, bob: User, porch: Group) -> None:
    carol, dan = make_member("carol", porch), make_member("dan", porch)
    for person in (carol, dan):
        stayed(person, porch, "2026-03-16")
    make_week(carol, porch, 1, productive_score=10, satisfied_score=10, is_private=True)

    for viewer in (alice, bob, carol, dan):
        row = figures_of(porch, viewer)["series"][-2]
        assert (row["averages"]["n"], row["averages"]["huCares"]) == (2, 9)
        assert (row["participants"], row["members"], row["participationRate"]) == (3, 4, 0.75)


@pytest.mark.usefixtures("week")
def test_members_are_those_who_were_there_then(alice: User, bob: User, porch: Group) -> None:
    stayed(bob, porch, "2026-03-09", "2026-03-17")
    Membership.objects.filter(user=bob).update(status=Status.INACTIVE)

    rows = figures_of(porch, alice, weeks=4)["series"]

    assert [row["members"] for row in rows] == [0, 2, 2, 1]
    assert [row["participationRate"] for row in rows] == [None, 0, 1, 0]
    assert rows[2]["averages"]["huCares"] == 9  # what Bob shared then stays the group's


def test_a_trend_is_over_the_weeks_that_have_an_average(alice: User, bob: User, porch: Group) -> None:
    make_weeks(alice, porch, [1, 2, 3, 4, 9, 5, 6])
    make_weeks(bob, porch, [1, 2, 3, 4, None, 5, 6])

    trend = figures_of(porch, alice)["trends"]["productive"]

    assert (trend["n"], trend["direction"], trend["enoughData"]) == (6, "up", True)
    assert trend["pValue"] == pytest.approx(2 / 720)


def test_in_a_daily_group_a_week_is_all_its_days(alice: User, bob: User) -> None:
    group = make_group(alice, bob, check_in_frequency="daily")
    for day, productive in (("2026-03-16", 2), ("2026-03-18", 4), ("2026-03-22", 9)):
        make_past_check_in(alice, group, day, productive_score=productive)
    make_past_check_in(bob, group, "2026-03-19", productive_score=5)

    row = figures_of(group, alice)["series"][-2]

    assert (row["averages"]["productive"], row["averages"]["n"]) == (5, 4)
    assert (row["participants"], row["members"]) == (2, 2)


def test_in_a_biweekly_group_a_check_in_is_of_the_first_week_and_counts_as_taking_part_in_both(
    alice: User, bob: User
) -> None:
    group = make_group(alice, bob, check_in_frequency="biweekly")
    make_past_check_in(alice, group, "2026-03-19")  # of 9 to 22 March
    make_past_check_in(bob, group, "2026-03-10")

    rows = figures_of(group, alice, weeks=3)["series"]
    assert [row["averages"]["n"] for row in rows] == [2, 0, 0]
    assert [row["participants"] for row in rows] == [2, 2, 0]

    cut = figures_of(group, alice, weeks=2)  # its first week is before the range
    assert [row["averages"]["n"] for row in cut["series"]] == [0, 0]
    assert (cut["averages"]["n"], cut["series"][0]["participants"]) == (0, 2)


def test_the_open_pair_of_a_biweekly_group_is_not_missed_while_its_second_week_lasts(alice: User, bob: User) -> None:
    group = make_group(alice, bob, check_in_frequency="biweekly")
    for person in (alice, bob):
        make_past_check_in(person, group, "2026-03-10")  # of 9 to 22 March

    def rate(now: str) -> float:
        return float(figures_of(group, alice, now=now, weeks=4)["participationRate"])

    assert rate("2026-03-25T12:00:00Z") == rate("2026-04-05T23:59:59Z") == 1
    assert rate("2026-04-06T00:00:00Z") == pytest.approx(1 / 3)  # the week of 16 March, and two without
    make_past_check_in(bob, group, "2026-03-24")
    assert rate("2026-04-05T23:59:59Z") == 1


def test_weeks_are_those_of_the_groups_zone(alice: User, bob: User) -> None:
    group = make_group(alice, bob, timezone="Pacific/Kiritimati")
    for person in (alice, bob):
        make_past_check_in(person, group, "2026-03-22")  # Sunday noon, there Monday morning

    figures = figures_of(group, alice, now="2026-03-22T12:00:00Z", weeks=2)

    assert figures["range"] == {"from": "2026-03-16", "to": "2026-03-29", "weeks": 2}
    assert [row["averages"]["n"] for row in figures["series"]] == [0, 2]


def test_looking_at_it_is_a_visit(alice: User, porch: Group) -> None:
    figures_of(porch, alice)

    seen = Membership.objects.get(user=alice).last_active_at
    assert seen is not None
    assert seen.isoformat() == "2026-03-25T12:00:00+00:00"


def test_a_group_of_others_is_not_found(bob: User, charlie: User, porch: Group) -> None:
    Membership.objects.filter(user=bob).update(status=Status.INACTIVE)
    nowhere = refusal_of(signed_in(charlie).get(f"{URL}/group/{uuid4()}"), 404, "NOT_FOUND")

    for outsider in (bob, charlie):
        assert refusal_of(signed_in(outsider).get(f"{URL}/group/{porch.pk}"), 404, "NOT_FOUND") == nowhere


@pytest.mark.parametrize("value", ["0", "105", "many"])
def test_a_wrong_number_of_weeks_is_refused(alice: User, porch: Group, value: str) -> None:
    assert refused_fields(signed_in(alice).get(f"{URL}/group/{porch.pk}", {"weeks": value})) == {"weeks"}
