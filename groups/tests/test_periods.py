"""Periods: pure date arithmetic in the group's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groups.periods import LENGTHS, Period, first_day, period_at, period_of_day, start_of_day

ZONES = [
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Australia/Lord_Howe",
]
zones = st.sampled_from(ZONES)
frequencies = st.sampled_from(sorted(LENGTHS))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(moments, frequencies, zones)
def test_a_period_holds_the_moment_it_was_asked_for(moment: datetime, frequency: str, zone: str) -> None:
    period = period_at(moment, frequency, zone)

    assert start_of_day(period.start, zone) <= moment < period.closes_at
    assert period.end - period.start + timedelta(days=1) == LENGTHS[frequency]


@given(moments, frequencies, zones)
def test_the_next_period_begins_where_this_one_closes(moment: datetime, frequency: str, zone: str) -> None:
    period = period_at(moment, frequency, zone)
    following = period_at(period.closes_at, frequency, zone)

    assert following.start == period.end + timedelta(days=1)
    assert start_of_day(following.start, zone) == period.closes_at
    assert period_at(period.closes_at - timedelta(microseconds=1), frequency, zone) == period


@given(days, frequencies, zones)
def test_each_day_of_a_period_names_the_same_period(day: date, frequency: str, zone: str) -> None:
    period = period_of_day(day, frequency, zone)

    assert period.start <= day <= period.end
    assert period_of_day(period.start, frequency, zone) == period == period_of_day(period.end, frequency, zone)


@given(days)
def test_weeks_begin_on_mondays_and_pairs_are_counted_from_2024(day: date) -> None:
    assert first_day(day, "weekly").weekday() == 0
    assert first_day(day, "biweekly").weekday() == 0
    assert (first_day(day, "biweekly") - date(2024, 1, 1)).days % 14 == 0


def test_pairs_of_weeks_begin_with_monday_the_first_of_january_2024() -> None:
    expected = {
        date(2023, 12, 31): date(2023, 12, 18),
        date(2024, 1, 1): date(2024, 1, 1),
        date(2024, 1, 14): date(2024, 1, 1),
        date(2024, 1, 15): date(2024, 1, 15),
    }

    assert {day: first_day(day, "biweekly") for day in expected} == expected


@pytest.mark.parametrize(
    ("frequency", "start", "end", "closes_at"),
    [
        ("daily", date(2024, 12, 31), date(2024, 12, 31), "2025-01-01"),
        ("weekly", date(2024, 12, 30), date(2025, 1, 5), "2025-01-06"),
        ("biweekly", date(2024, 12, 30), date(2025, 1, 12), "2025-01-13"),
    ],
)
def test_a_period_goes_on_over_the_end_of_a_year(frequency: str, start: date, end: date, closes_at: str) -> None:
    assert period_at(utc("2024-12-31T23:59:59"), frequency, "UTC") == Period(start, end, utc(closes_at))


def test_a_week_of_53_belongs_to_no_new_year() -> None:
    assert period_of_day(date(2021, 1, 3), "weekly", "UTC").start == date(2020, 12, 28)


@pytest.mark.parametrize(
    ("zone", "start"),
    [("Pacific/Kiritimati", date(2024, 1, 8)), ("Asia/Kolkata", date(2024, 1, 1)), ("UTC", date(2024, 1, 1))],
)
def test_the_zone_decides_which_week_it_is(zone: str, start: date) -> None:
    assert period_at(utc("2024-01-07T12:00:00"), "weekly", zone).start == start


def test_a_day_without_midnight_begins_when_the_clocks_jump() -> None:
    # In São Paulo 2018-11-04 began at one o'clock.
    assert start_of_day(date(2018, 11, 4), "America/Sao_Paulo") == utc("2018-11-04T03:00:00")
    first = period_at(utc("2018-11-04T03:00:00"), "daily", "America/Sao_Paulo")
    before = period_at(utc("2018-11-04T02:59:59"), "daily", "America/Sao_Paulo")

    assert (first.start, before.start) == (date(2018, 11, 4), date(2018, 11, 3))
    assert before.closes_at == utc("2018-11-04T03:00:00")


def test_a_day_whose_midnight_comes_twice_begins_with_the_first() -> None:
    # In Havana the first hour of 2024-11-03 came twice.
    period = period_at(utc("2024-11-03T05:30:00"), "daily", "America/Havana")

    assert start_of_day(period.start, "America/Havana") == utc("2024-11-03T04:00:00")
    assert period.closes_at == utc("2024-11-04T05:00:00")


def test_a_week_is_as_long_as_its_clocks_make_it() -> None:
    week = period_at(utc("2024-03-06T12:00:00"), "weekly", "America/Los_Angeles")

    assert week.closes_at - start_of_day(week.start, "America/Los_Angeles") == timedelta(days=7, hours=-1)


def test_an_unknown_frequency_is_refused() -> None:
    with pytest.raises(KeyError):
        first_day(date(2024, 1, 1), "monthly")
