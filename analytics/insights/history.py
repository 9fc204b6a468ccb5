"""What the rules look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Avg, Case, Count, DateField, Q, Value, When
from django.db.models.functions import TruncDate, TruncWeek

from accounts.models import User
from analytics.group import LEAST_CONTRIBUTORS
from analytics.measures import MEASURES, Sums, sums_in_sql
from analytics.personal import checked_in_periods, own, points_of, streak_of, sums_by_week, week_of
from analytics.places import Place
from analytics.streaks import NO_STREAK, Streak
from analytics.trends import Point
from analytics.weeks import Weeks
from checkins.models import CheckIn

Pair = tuple[float, float]  # one's own average, and the others'


@dataclass
class History:
    """Somebody's history in a range of weeks, over all groups or in one.

    `days` are averages of the score by day; `beside` has, by measure, one's own and the others' average of each week
    that has both.
    """

    weeks: Weeks
    points: dict[str, list[Point]]
    days: list[tuple[date, float]] = field(default_factory=list)
    streak: Streak = NO_STREAK
    beside: dict[str, list[Pair]] = field(default_factory=dict)

    @cached_property
    def together(self) -> list[date]:
        """The weeks with a value; every measure has one in the same weeks."""
        return [monday for monday, _ in self.points["care"]]

    def values(self, measure: str) -> list[float]:
        """A measure's weekly values in the order of time."""
        return [value for _, value in self.points[measure]]


def history_of(user: User, weeks: Weeks, now: datetime, places: Sequence[Place], group_id: UUID | None) -> History:
    """The person's history at an instant, in three statements; in a group, with the others of it, in four."""
    sums = sums_by_week(user, weeks, group_id)
    series = [week_of(monday, sums.get(monday, Sums())) for monday in weeks.mondays()]
    return History(
        weeks=weeks,
        points={name: points_of(series, name) for name in MEASURES},
        days=scores_by_day(user, weeks, group_id),
        streak=streak_of(weeks, now, places, checked_in_periods(user, group_id), group_id),
        beside=beside_others(user, weeks, group_id) if group_id else {},
    )


def scores_by_day(user: User, weeks: Weeks, group_id: UUID | None) -> list[tuple[date, float]]:
    """The average score of each day of the person's calendar with a check-in."""
    since, until = weeks.instants(user.timezone)
    made = CheckIn.objects.filter(own(user, group_id), check_in_date__gte=since, check_in_date__lt=until)
    day = TruncDate("check_in_date", tzinfo=ZoneInfo(user.timezone))
    rows = made.order_by().values(day=day).annotate(score=Avg("hu_cares_score")).order_by("day")
    return [(row["day"], row["score"]) for row in rows]


def beside_others(user: User, weeks: Weeks, group_id: UUID) -> dict[str, list[Pair]]:
    """Measure → one's own average and that of the others, for each week in which at least two of them share theirs."""
    seen = CheckIn.objects.with_sharing().filter(Q(user=user) | Q(shares_numbers=True))
    rows = seen.filter(group=group_id, week_start_date__range=(weeks.first, weeks.last)).order_by()
    week = TruncWeek("week_start_date", output_field=DateField())
    mine = Case(When(user=user, then=Value(True)), default=Value(False))
    sides = defaultdict[date, dict[bool, Sums]](dict)
    by_side = rows.values(week=week, mine=mine).annotate(people=Count("user", distinct=True), **sums_in_sql())
    for row in by_side:
        if row["mine"] or row["people"] >= LEAST_CONTRIBUTORS:
            sides[row["week"]][row["mine"]] = Sums.of_row(row)
    both = [sides[monday] for monday in sorted(sides) if len(sides[monday]) == 2]
    return {name: [pair_of(one, name) for one in both] for name in MEASURES}


def pair_of(sides: dict[bool, Sums], measure: str) -> Pair:
    """One's own average of a week in which there are check-ins, and the others'."""
    you, others = sides[True].average(measure), sides[False].average(measure)
    assert you is not None
    assert others is not None
    return you, others
