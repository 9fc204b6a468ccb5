"""How somebody has been: their own check-ins, private ones too, whoever's group it was.

A check-in belongs to the week of the person's calendar in which it was made, as in their history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import DateField, Q
from django.db.models.functions import TruncWeek

from accounts.models import User
from analytics.measures import MEASURES, Averages, PerMeasure, Sums, sums_in_sql
from analytics.places import Place
from analytics.streaks import NO_STREAK, Span, Streak, streak_in_group, streak_of_weeks
from analytics.trends import Trend, trend_of
from analytics.weeks import Weeks
from checkins.models import CheckIn


@dataclass(frozen=True, slots=True)
class PersonalWeek:
    """One week of somebody's: the averages over their check-ins, None where there are none."""

    week_start: date
    productive: float | None
    satisfied: float | None
    body: float | None
    care: float | None
    hu_cares: float | None
    check_ins: int


@dataclass(frozen=True, slots=True)
class PersonalFigures:
    """All that `/analytics/personal` shows."""

    range: Weeks
    series: list[PersonalWeek]
    averages: Averages
    trends: PerMeasure[Trend]
    best: PersonalWeek | None
    worst: PersonalWeek | None
    streak: Streak
    participation_rate: float | None


def personal_figures(
    user: User, weeks: Weeks, now: datetime, places: Sequence[Place], group_id: UUID | None
) -> PersonalFigures:
    """The person's figures at an instant, over all groups or in one, in two statements.

    `places` are the person's in the living groups that the figures are about.
    """
    sums = sums_by_week(user, weeks, group_id)
    series = [week_of(monday, sums.get(monday, Sums())) for monday in weeks.mondays()]
    checked_in = checked_in_periods(user, group_id)
    return PersonalFigures(
        range=weeks,
        series=series,
        averages=Sums.total(sums.values()).averages(),
        trends=PerMeasure.made_by(lambda name: trend_of(points_of(series, name))),
        best=highest(series, 1),
        worst=highest(series, -1),
        streak=streak_of(weeks, now, places, checked_in, group_id),
        participation_rate=participation_in(places, weeks, now, checked_in),
    )


def sums_by_week(user: User, weeks: Weeks, group_id: UUID | None) -> dict[date, Sums]:
    """Monday → what the person's check-ins of the week add up to; weeks without any are left out."""
    since, until = weeks.instants(user.timezone)
    made = CheckIn.objects.filter(own(user, group_id), check_in_date__gte=since, check_in_date__lt=until)
    week = TruncWeek("check_in_date", output_field=DateField(), tzinfo=ZoneInfo(user.timezone))
    found = defaultdict[date, list[Sums]](list)
    for row in made.order_by().values(week=week).annotate(**sums_in_sql()):
        # Where the clocks go back over midnight, Sunday's last hour comes again when Monday has begun.
        found[max(row["week"], weeks.first)].append(Sums.of_row(row))
    return {monday: Sums.total(sums) for monday, sums in found.items()}


def own(user: User, group_id: UUID | None) -> Q:
    """The condition that a check-in is this person's, and of this group if one is given."""
    return Q(user=user, group=group_id) if group_id else Q(user=user)


def checked_in_periods(user: User, group_id: UUID | None) -> dict[UUID, list[Span]]:
    """Group → the periods in which the person has ever checked in to it."""
    found = defaultdict[UUID, list[Span]](list)
    rows = CheckIn.objects.filter(own(user, group_id)).order_by()
    for group, first, last in rows.values_list("group_id", "week_start_date", "period_end"):
        found[group].append((first, last))
    return found


def week_of(monday: date, sums: Sums) -> PersonalWeek:
    """A row of the series."""
    return PersonalWeek(week_start=monday, check_ins=sums.n, **{name: sums.average(name) for name in MEASURES})


def points_of(series: Iterable[Any], measure: str) -> list[tuple[date, float]]:
    """The weeks in which a measure has a value."""
    values = ((week.week_start, getattr(week, measure)) for week in series)
    return [(monday, value) for monday, value in values if value is not None]


def highest(series: Iterable[PersonalWeek], sign: int) -> PersonalWeek | None:
    """The week with the highest score, or with a `sign` of -1 the lowest; of equal ones the newer."""
    scored = [(sign * week.hu_cares, week.week_start, week) for week in series if week.hu_cares is not None]
    return max(scored)[2] if scored else None


def streak_of(
    weeks: Weeks, now: datetime, places: Sequence[Place], checked_in: dict[UUID, list[Span]], group_id: UUID | None
) -> Streak:
    """In a group of its periods, over all groups of weeks."""
    if group_id is None:
        return streak_of_weeks([span for spans in checked_in.values() for span in spans], weeks.open_week)
    if not places:  # whoever asks has just been erased
        return NO_STREAK
    return streak_in_group(checked_in.get(group_id, []), places[0].frequency, places[0].open_since(now))


def participation_in(
    places: Iterable[Place], weeks: Weeks, now: datetime, checked_in: dict[UUID, list[Span]]
) -> float | None:
    """Closed periods with a check-in divided by closed periods in which the person was present; None without any."""
    present = there = 0
    for place in places:
        counted = place.count_periods(weeks, now, checked_in.get(place.group_id, []))
        present, there = present + counted[0], there + counted[1]
    return there / present if present else None
