"""How many periods in a row somebody has checked in. Pure date arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from analytics.weeks import ONE_WEEK, weeks_touched
from groups.periods import LENGTHS, ONE_DAY, WEEKLY, first_day

Span = tuple[date, date]  # the first and the last day of a period


FREQUENCIES = {length: frequency for frequency, length in LENGTHS.items()}


@dataclass(frozen=True, slots=True)
class Streak:
    """Periods with a check-in in a row: up to now, and the most there ever were.

    `frequency` is that of the periods up to now; None if there are none, or if they are of several lengths.
    """

    current: int
    longest: int
    frequency: str | None = None


NO_STREAK = Streak(0, 0)


def streak_in_group(checked_in: Iterable[Span], frequency: str, open_since: date) -> Streak:
    """Of the periods in which somebody checked in to one group, each as it was when the check-in was made.

    `frequency` is the group's now, and `open_since` the first day of its open period, which is not missed yet.
    """
    longest, run = 0, list[Span]()
    for span in sorted(checked_in):
        # What was missed before a check-in is by the periods of its own time, whatever the group's are now.
        unbroken = run and not missed_between(run[-1][1], span[0], frequency_of(span) or frequency)
        if not unbroken:
            run = []
        run.append(span)
        longest = max(longest, len(run))
    if not run or missed_between(run[-1][1], open_since, frequency):
        return Streak(0, longest)
    lengths = {frequency_of(span) for span in run}
    return Streak(len(run), longest, lengths.pop() if len(lengths) == 1 else None)


def frequency_of(span: Span) -> str | None:
    """The frequency whose periods are as long as this one, if there is one."""
    return FREQUENCIES.get(span[1] - span[0] + ONE_DAY)


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
