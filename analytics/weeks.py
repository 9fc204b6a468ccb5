"""The weeks that figures are about: ISO weeks, from Monday to Sunday. Pure date arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from groups.periods import ONE_DAY, WEEKLY, first_day, period_at, start_of_day

ONE_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Weeks:
    """So many weeks in a row, as days of some zone's calendar, inclusive; the last week is the open one."""

    first: date
    last: date
    count: int

    @classmethod
    def until(cls, now: datetime, zone: str, count: int) -> Weeks:
        """The last `count` weeks of a zone's calendar, with the one that is open at an instant."""
        open_week = period_at(now, WEEKLY, zone)
        return cls(open_week.start - (count - 1) * ONE_WEEK, open_week.end, count)

    @property
    def open_week(self) -> date:
        """The Monday of the week that is open."""
        return self.last - 6 * ONE_DAY

    def mondays(self) -> Iterator[date]:
        """The first day of each week, in the order of time."""
        return (self.first + number * ONE_WEEK for number in range(self.count))

    def instants(self, zone: str) -> tuple[datetime, datetime]:
        """The first instant of the weeks, and the first one after them."""
        return start_of_day(self.first, zone), start_of_day(self.last + ONE_DAY, zone)


def monday_of(day: date) -> date:
    """The first day of the week that holds a day."""
    return first_day(day, WEEKLY)


def weeks_touched(first: date, last: date) -> Iterator[date]:
    """The Monday of each week that has one of the days from `first` to `last`, inclusive."""
    monday = monday_of(first)
    while monday <= last:
        yield monday
        monday += ONE_WEEK
