"""The weeks of a calendar, in any zone and at any instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from analytics.weeks import Weeks, monday_of, weeks_touched
from hucares.serializers import zone_names

ZONES = st.sampled_from(sorted(zone_names()))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(MOMENTS, ZONES, st.integers(1, 104))
@example(datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "Europe/Berlin", 12)
@example(datetime(2011, 12, 30, 12, tzinfo=UTC), "Pacific/Apia", 12)  # it had no 30 December
@example(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "Pacific/Kiritimati", 104)
def test_they_are_whole_weeks_up_to_the_one_that_holds_the_instant(moment: datetime, zone: str, count: int) -> None:
    weeks = Weeks.until(moment, zone, count)
    since, until = weeks.instants(zone)

    mondays = list(weeks.mondays())
    assert len(mondays) == weeks.count == count
    assert all(monday.isoweekday() == 1 for monday in mondays)
    assert mondays[0] == weeks.first
    assert mondays[-1] == weeks.open_week
    assert weeks.last - weeks.first == timedelta(days=7 * count - 1)
    assert since < until
    assert since <= moment < until
    assert until.astimezone(ZoneInfo(zone)).date() >= weeks.last


@given(DAYS, st.integers(0, 40))
def test_every_day_touches_its_own_week(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    days = [first + timedelta(days=number) for number in range(length + 1)]

    assert list(weeks_touched(first, last)) == sorted({monday_of(day) for day in days})
