"""Streaks: pure arithmetic, and what the personal figures show of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from analytics.streaks import Streak, streak_in_group, streak_of_weeks
from analytics.tests.builders import ask, make_week, make_weeks
from checkins.tests.builders import make_past_check_in
from groups.models import Group
from groups.periods import LENGTHS, ONE_DAY, first_day
from groups.tests.builders import make_group

MONDAY = date(2026, 3, 23)


def spans(frequency: str, *ago: int) -> list[tuple[date, date]]:
    """The periods so many before the one that holds `MONDAY`."""
    length = LENGTHS[frequency]
    starts = [first_day(MONDAY, frequency) - number * length for number in ago]
    return [(start, start + length - ONE_DAY) for start in starts]


@pytest.mark.parametrize("frequency", LENGTHS)
@pytest.mark.parametrize(
    ("ago", "current", "longest"),
    [
        ([], 0, 0),
        ([0], 1, 1),
        ([1], 1, 1),  # the open one is not missed yet
        ([2], 0, 1),
        ([1, 0], 2, 2),
        ([3, 2, 1], 3, 3),
        ([3, 2, 0], 1, 2),
        ([9, 8, 7, 6, 2, 1], 2, 4),
    ],
)
def test_a_streak_is_periods_in_a_row_and_the_open_one_never_breaks_it(
    frequency: str, ago: list[int], current: int, longest: int
) -> None:
    found = streak_in_group(spans(frequency, *ago), frequency, first_day(MONDAY, frequency))

    assert found == Streak(current, longest, frequency if current else None)


@pytest.mark.parametrize(
    ("earlier", "later", "starts"),
    [
        ("biweekly", "weekly", ["2026-03-09", "2026-03-23"]),
        ("weekly", "biweekly", ["2026-03-09", "2026-03-23"]),  # changed in the week of 9 March, whose pair was begun
        ("weekly", "daily", ["2026-03-16", "2026-03-23"]),
        ("daily", "weekly", ["2026-03-18", "2026-03-23"]),  # the week had begun when the days became weeks
    ],
)
def test_a_change_of_frequency_breaks_no_streak(earlier: str, later: str, starts: list[str]) -> None:
    first, second = map(date.fromisoformat, starts)
    checked_in = [(first, first + LENGTHS[earlier] - ONE_DAY), (second, second + LENGTHS[later] - ONE_DAY)]

    assert streak_in_group(checked_in, later, second) == Streak(2, 2)


@pytest.mark.parametrize("later", ["weekly", "biweekly"])
def test_days_that_were_missed_stay_missed_when_the_group_becomes_slower(later: str) -> None:
    checked_in = spans("daily", 12, 10, 8, 6, 5, 3, 2)

    assert streak_in_group(checked_in, later, first_day(MONDAY, later)) == Streak(2, 2, "daily")


def test_weeks_without_a_miss_stay_a_streak_when_the_group_becomes_daily() -> None:
    checked_in = [*spans("weekly", 3, 2, 1), *spans("daily", 0)]

    assert streak_in_group(checked_in, "daily", MONDAY) == Streak(4, 4)  # of no one length
    assert streak_in_group(checked_in[:-1], "daily", MONDAY) == Streak(3, 3, "weekly")


def test_after_a_change_of_frequency_a_whole_period_without_a_check_in_is_missed() -> None:
    checked_in = [(date(2026, 3, 9), date(2026, 3, 15))]

    assert streak_in_group(checked_in, "biweekly", date(2026, 3, 23)).current == 1
    assert streak_in_group(checked_in, "biweekly", date(2026, 4, 6)).current == 0


@given(st.sets(st.integers(0, 60)), st.sampled_from(sorted(LENGTHS)))
def test_it_is_what_counting_period_by_period_gives(ago: set[int], frequency: str) -> None:
    runs, run = [0], 0
    for number in range(61, -1, -1):
        run = run + 1 if number in ago else 0
        runs.append(run)
    current = runs[-1] or runs[-2]

    found = streak_in_group(spans(frequency, *ago), frequency, first_day(MONDAY, frequency))

    assert found == Streak(current, max(runs), frequency if current else None)


@given(st.lists(st.integers(-30, 400), max_size=40))
def test_days_of_any_group_make_weeks(days_ago: list[int]) -> None:
    days = [MONDAY - timedelta(days=number) for number in days_ago]
    weeks = {(MONDAY - first_day(day, "weekly")).days // 7 for day in days if first_day(day, "weekly") <= MONDAY}

    found = streak_of_weeks([(day, day) for day in days], MONDAY)

    assert found == streak_in_group(spans("weekly", *weeks), "weekly", MONDAY)


def test_over_all_groups_weeks_count_and_a_biweekly_check_in_is_two_of_them(alice: User, porch: Group) -> None:
    slow = make_group(alice, name="Slow Letters", check_in_frequency="biweekly")
    make_past_check_in(alice, slow, "2026-02-12")  # of 9 to 22 February
    make_week(alice, porch, 4)
    make_past_check_in(alice, slow, "2026-03-10")  # of 9 to 22 March

    assert ask(alice, "personal")["streak"] == {"current": 2, "longest": 3}
    assert ask(alice, "personal", groupId=str(slow.pk))["streak"] == {"current": 1, "longest": 1}
    make_past_check_in(alice, slow, "2026-03-24")  # of 23 March to 5 April, of which one week is yet to come
    assert ask(alice, "personal")["streak"] == {"current": 3, "longest": 3}


def test_the_longest_is_the_longest_ever(alice: User, porch: Group) -> None:
    make_weeks(alice, porch, [8] * 5 + [None] + [8] * 2)

    assert ask(alice, "personal", weeks=1)["streak"] == {"current": 2, "longest": 5}


def test_it_ends_when_a_period_has_closed_without_a_check_in(alice: User, porch: Group) -> None:
    make_weeks(alice, porch, [8, 8, None])

    assert ask(alice, "personal", now="2026-03-29T23:59:59Z")["streak"]["current"] == 2
    assert ask(alice, "personal", now="2026-03-30T00:00:00Z")["streak"]["current"] == 0


def test_a_daily_streak_is_one_of_the_groups_days(alice: User) -> None:
    group = make_group(alice, check_in_frequency="daily", timezone="Pacific/Kiritimati")
    for day in ("2026-03-20", "2026-03-21", "2026-03-22"):  # noon, there two o'clock of the day after
        make_past_check_in(alice, group, day)

    def streak(now: str) -> int:
        return int(ask(alice, "personal", now=now, groupId=str(group.pk))["streak"]["current"])

    assert streak("2026-03-24T09:59:59Z") == 3
    assert streak("2026-03-24T10:00:00Z") == 0
