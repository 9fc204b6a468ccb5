"""What holds of periods in every zone, at every instant: hypothesis looks for one where it does not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from groups.periods import (
    BIWEEKLY,
    BIWEEKLY_ORIGIN,
    DAILY,
    LENGTHS,
    ONE_DAY,
    WEEKLY,
    closed_periods,
    first_day,
    period_at,
    period_of_day,
    start_of_day,
)
from hucares.serializers import zone_names

# Clocks that jump over midnight, back over it, by half an hour, over a whole day; and far from Greenwich.
PECULIAR = [
    "America/Havana",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kolkata",
    "Asia/Pyongyang",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
]
MICROSECOND = timedelta.resolution
zones = st.sampled_from(PECULIAR) | st.sampled_from(sorted(zone_names()))
frequencies = st.sampled_from(sorted(LENGTHS))
# From before Kiritimati, Kwajalein and Samoa left out a day.
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def is_repeated(moment: datetime, zone: str) -> bool:
    """Whether the clocks were set back over midnight a moment ago: tomorrow had begun, and it is today again."""
    latest = max(local_day(moment - timedelta(minutes=minutes), zone) for minutes in range(0, 181, 1))
    return latest > local_day(moment, zone)


@given(moments, frequencies, zones)
@example(utc("2011-12-30T09:59:59"), DAILY, "Pacific/Apia")
@example(utc("2011-12-30T10:00:00"), DAILY, "Pacific/Apia")
@example(utc("2018-11-04T03:00:00"), DAILY, "America/Sao_Paulo")
@example(utc("2010-11-07T02:30:30"), DAILY, "America/St_Johns")
@example(utc("2010-11-07T03:00:00"), DAILY, "America/St_Johns")
def test_every_instant_is_in_its_period_and_in_neither_neighbour(moment: datetime, frequency: str, zone: str) -> None:
    period = period_at(moment, frequency, zone)
    (before,) = closed_periods(moment, frequency, zone, count=1)
    after = period_at(period.closes_at, frequency, zone)

    assert before.closes_at == start_of_day(period.start, zone) <= moment < period.closes_at < after.closes_at
    assert period.closes_at == start_of_day(after.start, zone)
    assert before.end < period.start
    assert period.end < after.start


@given(moments, frequencies, zones)
@example(utc("2010-11-07T02:31:30"), DAILY, "America/St_Johns")
@example(utc("2010-11-07T02:31:30"), WEEKLY, "America/St_Johns")
def test_the_local_day_is_a_day_of_the_period(moment: datetime, frequency: str, zone: str) -> None:
    period = period_at(moment, frequency, zone)
    day = local_day(moment, zone)

    if is_repeated(moment, zone):
        day = max(day, min(day + ONE_DAY, period.start))
    assert period.start <= day <= period.end
    assert period.end - period.start + ONE_DAY == LENGTHS[frequency]


@given(moments, frequencies, zones)
def test_a_period_is_the_same_from_its_first_instant_to_its_last(moment: datetime, frequency: str, zone: str) -> None:
    period = period_at(moment, frequency, zone)

    assert period_at(start_of_day(period.start, zone), frequency, zone) == period
    assert period_at(period.closes_at - MICROSECOND, frequency, zone) == period
    assert period_at(period.closes_at, frequency, zone) != period


@given(days, frequencies, zones)
@example(date(2011, 12, 30), DAILY, "Pacific/Apia")
@example(date(2018, 11, 4), DAILY, "America/Sao_Paulo")
def test_days_tile_without_gap_or_overlap(day: date, frequency: str, zone: str) -> None:
    period = period_of_day(day, frequency, zone)
    following = period_of_day(period.end + ONE_DAY, frequency, zone)

    assert period.start <= day <= period.end
    assert following.start == period.end + ONE_DAY
    assert start_of_day(period.start, zone) <= period.closes_at == start_of_day(following.start, zone)


@given(moments, frequencies, zones, st.integers(1, 15))
def test_closed_periods_follow_on_one_another_the_newest_first(
    moment: datetime, frequency: str, zone: str, count: int
) -> None:
    closed = closed_periods(moment, frequency, zone, count=count)

    assert len(closed) == count
    assert closed[0].closes_at == start_of_day(period_at(moment, frequency, zone).start, zone) <= moment
    for newer, older in pairwise(closed):
        assert older.closes_at == start_of_day(newer.start, zone) < newer.closes_at


@given(days)
def test_weeks_are_iso_weeks_and_pairs_of_them_are_counted_from_2024_both_ways(day: date) -> None:
    week, pair = first_day(day, WEEKLY), first_day(day, BIWEEKLY)

    assert week == date.fromisocalendar(*day.isocalendar()[:2], 1)
    assert pair in {week, week - timedelta(weeks=1)}
    assert (pair - BIWEEKLY_ORIGIN).days % 14 == 0
    assert first_day(day, DAILY) == day


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-08", "America/Los_Angeles", 23),
        ("2026-11-01", "America/Los_Angeles", 25),
        ("2026-09-27", "Pacific/Auckland", 23),
        ("2026-04-05", "Pacific/Auckland", 25),
        ("2026-10-04", "Australia/Lord_Howe", 23.5),
        ("2026-04-05", "Australia/Lord_Howe", 24.5),
        ("2018-11-04", "America/Sao_Paulo", 23),  # it began at one o'clock
        ("2018-02-17", "America/Sao_Paulo", 25),  # its last hour came twice
        ("2026-03-08", "Asia/Kolkata", 24),
        ("2026-03-08", "Pacific/Kiritimati", 24),
        ("2024-11-03", "America/Havana", 25),  # its first hour came twice
        ("2010-11-06", "America/St_Johns", 24),  # one minute after midnight the clocks went back by an hour:
        ("2010-11-07", "America/St_Johns", 25),  # that hour is Sunday's, though they said Saturday again
        ("2018-05-04", "Asia/Pyongyang", 23.5),  # half past eleven became midnight
        ("2011-12-29", "Pacific/Apia", 24),
        ("2011-12-30", "Pacific/Apia", 0),  # Samoa left it out
        ("2011-12-31", "Pacific/Apia", 24),
        ("1993-08-21", "Pacific/Kwajalein", 0),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(day: str, zone: str, hours: float) -> None:
    period = period_of_day(date.fromisoformat(day), DAILY, zone)

    assert period.closes_at - start_of_day(period.start, zone) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("frequency", "day", "zone", "hours"),
    [
        (WEEKLY, "2026-03-08", "America/Los_Angeles", 7 * 24 - 1),
        (WEEKLY, "2026-11-01", "America/Los_Angeles", 7 * 24 + 1),
        (BIWEEKLY, "2026-04-05", "Australia/Lord_Howe", 14 * 24 + 0.5),
        (WEEKLY, "2011-12-30", "Pacific/Apia", 6 * 24),
        (WEEKLY, "2026-12-31", "Asia/Kolkata", 7 * 24),
        (BIWEEKLY, "2024-12-31", "Pacific/Auckland", 14 * 24),
    ],
)
def test_so_are_weeks_and_pairs_of_them(frequency: str, day: str, zone: str, hours: float) -> None:
    period = period_of_day(date.fromisoformat(day), frequency, zone)

    assert period.closes_at - start_of_day(period.start, zone) == timedelta(hours=hours)


def test_a_day_that_was_left_out_is_no_closed_period() -> None:
    closed = closed_periods(utc("2012-01-01T00:00:00"), DAILY, "Pacific/Apia", count=2)

    assert [str(period.start) for period in closed] == ["2011-12-31", "2011-12-29"]


def test_what_has_closed_stays_closed_when_yesterday_comes_again() -> None:
    # In St. John's 2010-11-07 began at 02:30 UTC; at 02:31 it was 23:01 of the 6th again, until 03:30.
    instants = [utc(f"2010-11-07T{time}") for time in ("02:29:59", "02:30:00", "02:31:00", "03:29:59", "03:30:00")]

    assert [str(local_day(moment, "America/St_Johns"))[-1] for moment in instants] == ["6", "7", "6", "6", "7"]
    assert [str(period_at(moment, DAILY, "America/St_Johns").start)[-1] for moment in instants] == [*"67777"]
