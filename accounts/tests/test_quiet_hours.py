"""Quiet hours in every zone: hypothesis looks for an instant at which they end too early or too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.quiet_hours import is_quiet, quiet_until
from hucares.serializers import zone_names

NIGHT = {"start": "22:00", "end": "07:00"}
MINUTE = timedelta(minutes=1)
zones = st.sampled_from(
    ["America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana"]
) | st.sampled_from(sorted(zone_names()))
clocks = st.builds(lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}", st.integers(0, 24 * 60 - 1))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ends(moment: str, zone: str, hours: Any) -> str | None:
    until = quiet_until(utc(moment), {"quietHours": hours}, zone)
    return None if until is None else f"{until:%Y-%m-%dT%H:%M:%S}"


@pytest.mark.parametrize(
    ("moment", "zone", "until"),
    [
        ("2026-03-04T21:59:59", "UTC", None),
        ("2026-03-04T22:00:00", "UTC", "2026-03-05T07:00:00"),
        ("2026-03-05T06:59:59", "UTC", "2026-03-05T07:00:00"),
        ("2026-03-05T07:00:00", "UTC", None),
        ("2026-03-04T16:30:00", "Asia/Kolkata", "2026-03-05T01:30:00"),
        # The clocks go forward during the night of March 8 in Los Angeles, and back during that of November 1.
        ("2026-03-08T07:00:00", "America/Los_Angeles", "2026-03-08T14:00:00"),
        ("2026-11-01T06:00:00", "America/Los_Angeles", "2026-11-01T15:00:00"),
        # And in Auckland back during that of April 5, and forward during that of September 27.
        ("2026-04-04T10:00:00", "Pacific/Auckland", "2026-04-04T19:00:00"),
        ("2026-09-26T11:00:00", "Pacific/Auckland", "2026-09-26T18:00:00"),
    ],
)
def test_a_night_ends_in_the_morning_of_the_persons_zone(moment: str, zone: str, until: str | None) -> None:
    assert ends(moment, zone, NIGHT) == until


@pytest.mark.parametrize(
    ("moment", "hours", "until"),
    [
        # 02:30 does not exist that night: at 03:00 it is past.
        ("2026-03-08T09:59:00", {"start": "22:00", "end": "02:30"}, "2026-03-08T10:00:00"),
        # 01:30 comes twice: between them it is quiet once more.
        ("2026-11-01T08:00:00", {"start": "22:00", "end": "01:30"}, "2026-11-01T08:30:00"),
        ("2026-11-01T08:45:00", {"start": "22:00", "end": "01:30"}, None),
        ("2026-11-01T09:15:00", {"start": "22:00", "end": "01:30"}, "2026-11-01T09:30:00"),
        # The whole quiet time does not exist.
        ("2026-03-08T10:00:00", {"start": "02:10", "end": "02:50"}, None),
    ],
)
def test_they_go_by_the_clocks_in_los_angeles(moment: str, hours: Any, until: str | None) -> None:
    assert ends(moment, "America/Los_Angeles", hours) == until


@pytest.mark.parametrize("hours", [None, {"start": "09:00", "end": "09:00"}])
def test_without_them_nothing_is_put_off(hours: Any) -> None:
    assert ends("2026-03-04T09:00:00", "UTC", hours) is None
    assert quiet_until(utc("2026-03-04T09:00:00"), {}, "UTC") is None


def within(moment: datetime, start: str, end: str, zone: str) -> bool:
    """The same by hours and minutes as texts."""
    clock = moment.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    return start <= clock < end if start <= end else clock >= start or clock < end


@given(moments, clocks, clocks, zones)
@example(utc("2026-03-08T09:59:59"), "22:00", "02:30", "America/Los_Angeles")
@example(utc("2026-04-04T14:10:00"), "02:00", "02:30", "Pacific/Auckland")
@example(utc("2026-03-04T00:00:00"), "00:00", "23:59", "UTC")
@example(utc("2026-03-04T00:00:00"), "00:01", "00:00", "Asia/Kolkata")
def test_all_of_it_is_quiet_until_the_end_and_that_is_not(moment: datetime, start: str, end: str, zone: str) -> None:
    hours = {"start": start, "end": end}
    until = quiet_until(moment, {"quietHours": hours}, zone)

    assert is_quiet(moment, hours, zone) == within(moment, start, end, zone)
    if not within(moment, start, end, zone):
        assert until is None
        return
    assert until is not None
    assert until > moment
    assert until - moment < timedelta(hours=50)
    assert not within(until, start, end, zone)
    assert within(until - timedelta.resolution, start, end, zone)
    step = max(MINUTE, (until - moment) / 50)
    assert all(within(moment + count * step, start, end, zone) for count in range(50) if moment + count * step < until)
