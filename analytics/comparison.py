"""How somebody's answers compare with those of the other members of their groups, as far as these share them.

Nobody is named and nobody is ranked: there are the others' average, and a percentile. A check-in belongs to the week
in which its period begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from analytics.group import LEAST_CONTRIBUTORS
from analytics.measures import PerMeasure, Sums, sums_in_sql
from analytics.statistics.ranks import percentile
from analytics.weeks import Weeks
from checkins.models import CheckIn
from groups.models import Group


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure: the person's average, that of the others' check-ins, and how many `n` those are.

    `percentile` is how many per cent of the others have a lower average of their own, half of those with the same.
    """

    you: float | None
    group: float | None
    difference: float | None
    percentile: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that `/analytics/comparison` shows."""

    range: Weeks
    measures: PerMeasure[Compared]


def comparison_of(user: User, groups: Sequence[Group], weeks: Weeks) -> Comparison:
    """The person among the others of these groups, in one statement.

    The person's side is what they checked in with there, private or not; they alone see it.
    """
    seen = CheckIn.objects.with_sharing().filter(Q(user=user) | Q(shares_numbers=True))
    rows = seen.filter(group__in=groups, week_start_date__range=(weeks.first, weeks.last)).order_by()
    sums = {row["user_id"]: Sums.of_row(row) for row in rows.values("user_id").annotate(**sums_in_sql())}
    mine = sums.pop(user.pk, Sums())
    return Comparison(weeks, PerMeasure.made_by(lambda name: compared(name, mine, list(sums.values()))))


def compared(measure: str, mine: Sums, others: Sequence[Sums]) -> Compared:
    """One measure. Of fewer than two others there is no figure."""
    you, together = mine.average(measure), Sums.total(others)
    if len(others) < LEAST_CONTRIBUTORS:
        return Compared(you, None, None, None, together.n)
    group = together.average(measure)
    if you is None or group is None:
        return Compared(you, group, None, None, together.n)
    averages = [average for one in others if (average := one.average(measure)) is not None]
    return Compared(you, group, you - group, percentile(you, averages), together.n)
