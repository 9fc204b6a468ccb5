"""How a group has been, as every member sees it alike: of private check-ins it is counted only that they happened.

A check-in belongs to the week in which its period begins, by the group's calendar; whoever made it counts as a
participant of every week that its period has a day of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, DateField, Q
from django.db.models.functions import TruncWeek

from analytics.measures import Averages, PerMeasure, Sums, sums_in_sql
from analytics.trends import Trend, trend_of
from analytics.weeks import ONE_WEEK, Weeks, weeks_touched
from checkins.models import CheckIn
from checkins.participation import Stretch, stays_in
from groups.models import Group
from groups.periods import BIWEEKLY, LENGTHS, ONE_DAY, first_day

LEAST_CONTRIBUTORS = 2  # people whose numbers are shared; a figure of one alone would be that person's
# Ranges of the HuCares score, inclusive: -7 to -1, then five each.
RANGES = [(-7, -1), *((least, least + 4) for least in range(0, 30, 5))]
SHARED = Q(shares_numbers=True)


@dataclass(frozen=True, slots=True)
class GroupWeek:
    """One week of a group's: averages over what is shared, and who took part, which counts private check-ins too."""

    week_start: date
    averages: Averages
    participants: int
    members: int
    participation_rate: float | None


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """How many shared check-ins have a score from `least` to `most`, inclusive; None with too few contributors."""

    least: int
    most: int
    count: int | None


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """All that `/analytics/group/:id` shows."""

    range: Weeks
    series: list[GroupWeek]
    averages: Averages
    trends: PerMeasure[Trend]
    distribution: list[ScoreRange]
    participation_rate: float | None


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one person's check-ins add up to whose periods begin in one week and reach into the weeks until `last`."""

    user_id: UUID
    first: date
    last: date
    shared: Sums
    counts: tuple[int, ...]  # of shared check-ins, by range of the score


def group_figures(group: Group, weeks: Weeks) -> GroupFigures:
    """The group's figures, in two statements."""
    contributions = contributions_to(group, weeks)
    in_range = [one for one in contributions if one.first >= weeks.first]
    series = series_of(weeks, contributions, stays_in([group])[group.pk])
    open_since = first_day(weeks.open_week, group.check_in_frequency)  # of a pair whose second week it is: the first
    return GroupFigures(
        range=weeks,
        series=series,
        averages=averages_of(in_range),
        trends=PerMeasure.made_by(lambda name: trend_of(points_of(series, name))),
        distribution=distribution_of(in_range),
        participation_rate=participation_of(week for week in series if week.week_start < open_since),
    )


def contributions_to(group: Group, weeks: Weeks) -> list[Contribution]:
    """What everybody has checked in with, in periods that have a day of these weeks."""
    # The index is by first days: no period is longer than a biweekly one.
    earliest = weeks.first - LENGTHS[BIWEEKLY] + ONE_DAY
    found = CheckIn.objects.with_sharing().filter(
        group=group, week_start_date__range=(earliest, weeks.last), period_end__gte=weeks.first
    )
    first, last = (TruncWeek(column, output_field=DateField()) for column in ("week_start_date", "period_end"))
    weekly = found.order_by().values("user_id", first_week=first, last_week=last)
    rows: Any = weekly.annotate(**sums_in_sql(SHARED), **counts_in_sql())
    return [contribution_of(row) for row in rows]


def counts_in_sql() -> dict[str, Any]:
    """The number of shared check-ins in each range of the score, as aggregates."""
    return {
        f"range_{number}": Count("pk", filter=SHARED & Q(hu_cares_score__range=bounds))
        for number, bounds in enumerate(RANGES)
    }


def contribution_of(row: dict[str, Any]) -> Contribution:
    """From a row of the database."""
    counts = tuple(row[f"range_{number}"] for number in range(len(RANGES)))
    return Contribution(row["user_id"], row["first_week"], row["last_week"], Sums.of_row(row), counts)


def series_of(weeks: Weeks, contributions: Iterable[Contribution], stays: Sequence[Stretch]) -> list[GroupWeek]:
    """A row for each week."""
    begun, took_part = defaultdict[date, list[Contribution]](list), defaultdict[date, set[UUID]](set)
    for one in contributions:
        begun[one.first].append(one)
        for monday in weeks_touched(one.first, one.last):
            took_part[monday].add(one.user_id)
    return [week_of(monday, begun[monday], took_part[monday], stays) for monday in weeks.mondays()]


def week_of(monday: date, begun: Sequence[Contribution], took_part: set[UUID], stays: Sequence[Stretch]) -> GroupWeek:
    """One row. Whoever checked in without having been there, by a record that was changed since, is not counted."""
    present = {stay.user_id for stay in stays if stay.first < monday + ONE_WEEK and stay.last >= monday}
    participants, members = len(took_part & present), len(present)
    rate = participants / members if members else None
    return GroupWeek(monday, averages_of(begun), participants, members, rate)


def enough(contributions: Iterable[Contribution]) -> bool:
    """Whether enough people share numbers."""
    return len({one.user_id for one in contributions if one.shared.n}) >= LEAST_CONTRIBUTORS


def averages_of(contributions: Sequence[Contribution]) -> Averages:
    """The averages over all that is shared."""
    return Sums.total(one.shared for one in contributions).averages(enough=enough(contributions))


def points_of(series: Iterable[GroupWeek], measure: str) -> list[tuple[date, float]]:
    """The weeks in which a measure has an average."""
    values = ((week.week_start, getattr(week.averages, measure)) for week in series)
    return [(monday, value) for monday, value in values if value is not None]


def distribution_of(contributions: Sequence[Contribution]) -> list[ScoreRange]:
    """How many shared check-ins there are in each range of the score."""
    shown = enough(contributions)
    return [
        ScoreRange(least, most, sum(one.counts[number] for one in contributions) if shown else None)
        for number, (least, most) in enumerate(RANGES)
    ]


def participation_of(weeks: Iterable[GroupWeek]) -> float | None:
    """Participants divided by members, both summed over weeks; None if nobody was there."""
    participants = members = 0
    for week in weeks:
        participants, members = participants + week.participants, members + week.members
    return participants / members if members else None
