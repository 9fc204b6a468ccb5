"""The periods in which a group checks in. Pure date arithmetic; nothing here reads a clock or a database.

A period is a run of whole days in the group's time zone: a day, a week from Monday to Sunday (ISO 8601), or a pair
of such weeks counted from Monday 2024-01-01.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAILY = "daily"
WEEKLY = "weekly"
BIWEEKLY = "biweekly"

ONE_DAY = timedelta(days=1)
BIWEEKLY_ORIGIN = date(2024, 1, 1)
LENGTHS = {DAILY: ONE_DAY, WEEKLY: timedelta(weeks=1), BIWEEKLY: timedelta(weeks=2)}


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both inclusive; `closes_at` is the first instant (UTC) after it."""

    start: date
    end: date
    closes_at: datetime


def period_of_day(day: date, frequency: str, zone: str) -> Period:
    """The period that holds a day of the group's calendar."""
    start = first_day(day, frequency)
    end = start + LENGTHS[frequency] - ONE_DAY
    return Period(start, end, start_of_day(end + ONE_DAY, zone))


def period_at(moment: datetime, frequency: str, zone: str) -> Period:
    """The period that is open at an instant (an aware datetime).

    What has closed stays closed: where the clocks are set back over midnight, and yesterday comes again for an hour,
    that hour is in today's period.
    """
    period = period_of_day(moment.astimezone(ZoneInfo(zone)).date(), frequency, zone)
    return period if moment < period.closes_at else period_of_day(period.end + ONE_DAY, frequency, zone)


def closed_periods(moment: datetime, frequency: str, zone: str, *, count: int) -> list[Period]:
    """The last periods that have closed at an instant, the newest first.

    They are found by instants, not by days: a day that a zone has left out is no period.
    """
    periods: list[Period] = []
    following = period_at(moment, frequency, zone)
    for _ in range(count):
        following = period_at(start_of_day(following.start, zone) - timedelta.resolution, frequency, zone)
        periods.append(following)
    return periods


def first_day(day: date, frequency: str) -> date:
    """The first day of the period that holds `day`. Raises `KeyError` for an unknown frequency."""
    origin = day if frequency == DAILY else BIWEEKLY_ORIGIN
    return day - (day - origin) % LENGTHS[frequency]


def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of a calendar day in a zone, in UTC.

    Where the clocks jump over midnight the day begins with the jump: `fold=0` reads a time that does not exist with
    the offset before the jump, which is the same instant. Where midnight comes twice, the first one counts.
    """
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC)
