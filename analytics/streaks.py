"""How many periods in a row somebody has checked in. Pure date arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from analytics.weeks import ONE_WEEK, weeks_touched
from groups.periods import LENGTHS, ONE_DAY, WEEKLY, first_day

Span = tuple[date, date]  # the first and the last day of a period


@dataclass(frozen=True, slots=True)
class Streak:
    """Periods with a check-in in a row: up to now, and the most there ever were."""

    current: int
    longest: int


NO_STREAK = Streak(0, 0)


def streak_in_group(checked_in: Iterable[Span], frequency: str, open_since: date) -> Streak:
    """Of the periods in which somebody checked in to one group, each as it was when the check-in was made.

    `frequency` is the group's now, and `open_since` the first day of its open period, which is not missed yet.
    """
    current = longest = 0
    end: date | None = None
    for first, last in sorted(checked_in):
        current = current + 1 if end is not None and not missed_between(end, first, frequency) else 1
        longest, end = max(longest, current), last
    if end is None or missed_between(end, open_since, frequency):
        current = 0
    return Streak(current, longest)


def missed_between(end: date, start: date, frequency: str) -> bool:
    """Whether a whole period lies between two days on which periods end and start.

    The period in which a group's frequency was changed may begin before `end`: it could not be checked in to.
    """
    following = first_day(end + ONE_DAY, frequency)
    if following <= end:
        following += LENGTHS[frequency]
    return following + LENGTHS[frequency] <= start


def streak_of_weeks(checked_in: Iterable[Span], open_week: date) -> Streak:
    """Of ISO weeks, over all groups: a check-in counts for every week that its period has a day of, until now."""
    weeks = {monday for first, last in checked_in for monday in weeks_touched(first, last) if monday <= open_week}
    return streak_in_group(((monday, monday + ONE_WEEK - ONE_DAY) for monday in weeks), WEEKLY, open_week)
