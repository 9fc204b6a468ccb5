"""For operators: each figure of somebody's, and the check-ins behind it.

Answers belong to the group, not to staff: a row says that a check-in happened, as in the admin. A number that is made
of answers is kept too, however many are behind it: from averages over two ranges the answer between them could be
subtracted. Of what moves the direction is printed, if it is built on enough check-ins and none of them is private.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import User
from analytics.comparison import comparison_of
from analytics.group import GroupFigures, group_figures
from analytics.insights.findings import STREAK
from analytics.insights.history import history_of
from analytics.insights.search import findings_in
from analytics.measures import MEASURES
from analytics.personal import PersonalFigures, checked_in_periods, personal_figures
from analytics.places import places_of
from analytics.weeks import Weeks, monday_of, weeks_touched
from checkins.current import active_groups
from checkins.models import CheckIn
from groups.access import membership_of
from groups.models import Group
from hucares.serializers import camelize

LEAST_SHOWN = 5  # shared check-ins, below which a direction is kept
KEPT = "kept"
NONE = "none"


@dataclass(frozen=True, slots=True)
class Explained:
    """One figure: its value or `kept`, in a few words what it is built on, and the check-ins behind it."""

    figure: str
    value: str
    built_on: str
    rows: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The figures of one address of the API, and the rows that they refer to, the oldest first."""

    title: str
    figures: list[Explained]
    rows: list[CheckIn]


def explain(user: User, weeks: int, now: datetime, group_id: UUID | None = None) -> list[Section]:
    """Every figure that the person would be shown at an instant. Raises `NotFound` for a group they are not in."""
    groups = [membership_of(user, group_id).group] if group_id else active_groups(user)
    asked = Weeks.until(now, user.timezone, weeks)
    personal = explain_personal(user, asked, now, group_id)
    return [
        personal,
        explain_insights(user, asked, now, group_id, personal.rows),
        *(explain_group(group, Weeks.until(now, group.timezone, weeks)) for group in groups),
        explain_comparison(user, groups, asked),
    ]


def loaded(condition: Q) -> list[CheckIn]:
    """Check-ins with their authors and groups, the oldest first."""
    found = CheckIn.objects.with_author().filter(condition).select_related("group")
    return list(found.order_by("week_start_date", "check_in_date", "pk"))


def made_of_answers(figure: str, value: object, *sides: Sequence[CheckIn]) -> Explained:
    """A figure with the rows of its sides; its value is kept, and it is said only if there is none."""
    rows = [row for side in sides for row in side]
    return Explained(figure, NONE if value is None else KEPT, f"check-ins: {len(rows)}", ids_of(rows))


def direction_of_answers(figure: str, direction: str | None, rows: Sequence[CheckIn], built_on: str) -> Explained:
    """Which way something moves; kept where few rows are behind it, or a private one, for it might give one away."""
    shown = len(rows) >= LEAST_SHOWN and not any(row.hides_numbers for row in rows)
    told = in_words(direction) if shown or direction is None else KEPT
    return Explained(figure, told, built_on, ids_of(rows))


def counted(figure: str, value: object, rows: Sequence[CheckIn], built_on: str) -> Explained:
    """A figure that says nothing of answers."""
    return Explained(figure, in_words(value), built_on, ids_of(rows))


def in_words(value: object) -> str:
    """A value, a number to two decimals."""
    return NONE if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def ids_of(rows: Sequence[CheckIn]) -> tuple[UUID, ...]:
    """The keys of rows."""
    return tuple(row.pk for row in rows)


def averages_and_trends(shown: PersonalFigures | GroupFigures, rows: Sequence[CheckIn]) -> Iterator[Explained]:
    """What a person's figures and a group's have in common."""
    for name in MEASURES:
        yield made_of_answers(f"averages.{camelize(name)}", getattr(shown.averages, name), rows)
    for name in MEASURES:
        trend = getattr(shown.trends, name)
        yield direction_of_answers(f"trends.{camelize(name)}", trend.direction, rows, f"weeks: {trend.n}")


def explain_personal(user: User, weeks: Weeks, now: datetime, group_id: UUID | None) -> Section:
    """The figures of `/analytics/personal`."""
    since, until = weeks.instants(user.timezone)
    in_group = Q(group=group_id) if group_id else Q()
    rows = loaded(Q(user=user, check_in_date__gte=since, check_in_date__lt=until) & in_group)
    places = places_of(user, group_id)
    shown = personal_figures(user, weeks, now, places, group_id)
    by_week = defaultdict[date, list[CheckIn]](list)
    for row in rows:
        by_week[max(made_in(row, user.timezone), weeks.first)].append(row)
    told = [
        made_of_answers(f"series {week.week_start}", week.hu_cares, by_week[week.week_start]) for week in shown.series
    ]
    told += averages_and_trends(shown, rows)
    told.append(made_of_answers("best", shown.best and str(shown.best.week_start), rows))
    told.append(made_of_answers("worst", shown.worst and str(shown.worst.week_start), rows))
    spans = checked_in_periods(user, group_id)
    ever = f"check-ins ever: {sum(map(len, spans.values()))}"
    told.append(counted("streak.current", shown.streak.current, (), ever))
    told.append(counted("streak.longest", shown.streak.longest, (), ever))
    counts = [place.count_periods(weeks, now, spans.get(place.group_id, ())) for place in places]
    built_on = f"closed periods: {sum(there for _, there in counts)} of {sum(present for present, _ in counts)}"
    told.append(counted("participationRate", shown.participation_rate, rows, built_on))
    return Section(f"/analytics/personal: {user.username}, {said(weeks, user.timezone)}", told, rows)


def explain_insights(user: User, weeks: Weeks, now: datetime, group_id: UUID | None, rows: list[CheckIn]) -> Section:
    """The findings of `/analytics/insights`, which look at the same rows."""
    told = []
    for finding in findings_in(history_of(user, weeks, now, places_of(user, group_id), group_id)):
        evidence = finding.evidence
        built_on = f"{evidence.method}, n = {evidence.n}"
        name = f"{finding.kind} {camelize(finding.measure)}" if finding.measure else finding.kind
        if finding.kind == STREAK:
            told.append(counted(name, evidence.value, rows, built_on))
        else:
            told.append(direction_of_answers(name, finding.direction, rows, built_on))
    return Section(f"/analytics/insights: {user.username}, {said(weeks, user.timezone)}", told, rows)


def made_in(row: CheckIn, zone: str) -> date:
    """The Monday of the week of a calendar in which a check-in was made."""
    return monday_of(row.check_in_date.astimezone(ZoneInfo(zone)).date())


def said(weeks: Weeks, zone: str) -> str:
    """The weeks in words."""
    return f"{weeks.count} weeks from {weeks.first} to {weeks.last} ({zone})"


def explain_group(group: Group, weeks: Weeks) -> Section:
    """The figures of `/analytics/group/:id`."""
    rows = loaded(Q(group=group, week_start_date__lte=weeks.last, period_end__gte=weeks.first))
    shared, begun, there = [], defaultdict[date, list[CheckIn]](list), defaultdict[date, list[CheckIn]](list)
    for row in rows:
        if not row.hides_numbers and monday_of(row.week_start_date) >= weeks.first:
            shared.append(row)
            begun[monday_of(row.week_start_date)].append(row)
        for monday in weeks_touched(row.week_start_date, row.period_end):
            there[monday].append(row)
    shown, told = group_figures(group, weeks), list[Explained]()
    for week in shown.series:
        name, members = f"series {week.week_start}", f"members: {week.participants} of {week.members}"
        told.append(made_of_answers(f"{name} averages", week.averages.hu_cares, begun[week.week_start]))
        told.append(counted(f"{name} participation", week.participation_rate, there[week.week_start], members))
    told += averages_and_trends(shown, shared)
    told += [
        made_of_answers(f"distribution {one.least} to {one.most}", one.count, shared) for one in shown.distribution
    ]
    told.append(counted("participationRate", shown.participation_rate, rows, "the weeks that have closed"))
    return Section(f"/analytics/group: {group.name}, {said(weeks, group.timezone)}", told, rows)


def explain_comparison(user: User, groups: Sequence[Group], weeks: Weeks) -> Section:
    """The figures of `/analytics/comparison`."""
    rows = loaded(Q(group__in=groups, week_start_date__range=(weeks.first, weeks.last)))
    mine = [row for row in rows if row.user_id == user.pk]
    others = [row for row in rows if row.user_id != user.pk and not row.hides_numbers]
    shown, told = comparison_of(user, groups, weeks).measures, list[Explained]()
    for name in MEASURES:
        compared = getattr(shown, name)
        told.append(made_of_answers(f"{camelize(name)}.you", compared.you, mine))
        told.append(made_of_answers(f"{camelize(name)}.group", compared.group, others))
        told.append(made_of_answers(f"{camelize(name)}.difference", compared.difference, mine, others))
        told.append(made_of_answers(f"{camelize(name)}.percentile", compared.percentile, mine, others))
    return Section(f"/analytics/comparison: {user.username}, {said(weeks, user.timezone)}", told, [*mine, *others])
