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

BIWEEKLY_ORIGIN = date(2024, 1, 1)
LENGTHS = {DAILY: timedelta(days=1), WEEKLY: timedelta(weeks=1), BIWEEKLY: timedelta(weeks=2)}


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both inclusive; `closes_at` is the first instant (UTC) after it."""

    start: date
    end: date
    closes_at: datetime


def period_of_day(day: date, frequency: str, zone: str) -> Period:
    """The period that holds a day of the group's calendar."""
    start = first_day(day, frequency)
    end = start + LENGTHS[frequency] - timedelta(days=1)
    return Period(start, end, start_of_day(end + timedelta(days=1), zone))


def period_at(moment: datetime, frequency: str, zone: str) -> Period:
    """The period that is open at an instant (an aware datetime)."""
    return period_of_day(moment.astimezone(ZoneInfo(zone)).date(), frequency, zone)


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
