"""How faithfully a group checks in: over the last closed periods, members who checked in divided by members present.

A member is present in a period that shares a day with their time in the group, from joining, or from the first day
of their first check-in if that is earlier, until leaving. A check-in counts for every period that its own period
shares a day with, so that it still counts when the group's frequency or zone has changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from checkins.models import CheckIn
from groups.models import Group, MembershipSpan
from groups.periods import Period, closed_periods

PERIODS = 12

Rates = dict[UUID, Decimal]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of one person's, `first` and `last` inclusive: a stay in a group, or the period of a check-in."""

    user_id: UUID
    first: date
    last: date


def refresh_participation(group: Group) -> None:
    """Bring the group's rate up to date, in its row too. The caller has locked the row.

    A group that has ended keeps the rate that it ended with.
    """
    if not group.is_active:
        return
    rate = participation_rates([group], timezone.now())[group.pk]
    changed = Group.objects.filter(pk=group.pk).exclude(average_participation_rate=rate)
    changed.update(average_participation_rate=rate, version=F("version") + 1)
    group.average_participation_rate = rate


def participation_rates(groups: Sequence[Group], now: datetime) -> Rates:
    """Each group's rate at an instant, in two statements however many groups there are."""
    periods = {
        group.pk: closed_periods(now, group.check_in_frequency, group.timezone, count=PERIODS) for group in groups
    }
    earliest = min((ones[-1].start for ones in periods.values()), default=date.max)
    checked_in = check_ins_since(earliest, groups)
    present = stays_in(groups)
    return {pk: participation_rate(ones, present[pk], checked_in[pk]) for pk, ones in periods.items()}


def participation_rate(periods: Iterable[Period], stays: list[Stretch], check_ins: list[Stretch]) -> Decimal:
    """Members who checked in divided by members present, both summed over the periods; 0.00 if nobody was there."""
    present = checked_in = 0
    for period in periods:
        there = people_of(stays, period)
        present += len(there)
        checked_in += len(there & people_of(check_ins, period))
    rate = Decimal(checked_in) / present if present else Decimal(0)
    return rate.quantize(Decimal("0.01"), ROUND_HALF_UP)


def people_of(stretches: Iterable[Stretch], period: Period) -> set[UUID]:
    """Whose stretches share a day with a period."""
    return {one.user_id for one in stretches if one.first <= period.end and one.last >= period.start}


def check_ins_since(day: date, groups: Iterable[Group]) -> dict[UUID, list[Stretch]]:
    """Group → its check-ins whose period reaches into a day or a later one."""
    found = defaultdict(list)
    rows = CheckIn.objects.filter(group__in=groups, period_end__gte=day)
    for group_id, user_id, first, last in rows.values_list("group_id", "user_id", "week_start_date", "period_end"):
        found[group_id].append(Stretch(user_id, first, last))
    return found


def stays_in(groups: Iterable[Group]) -> dict[UUID, list[Stretch]]:
    """Group → everybody's stays in it, by the days of its zone as it is now."""
    zones = {group.pk: ZoneInfo(group.timezone) for group in groups}
    found = defaultdict[UUID, list[Stretch]](list)
    of_membership = CheckIn.objects.filter(user=OuterRef("membership__user"), group=OuterRef("membership__group"))
    first_check_in = of_membership.order_by("week_start_date").values("week_start_date")[:1]
    rows = MembershipSpan.objects.filter(membership__group__in=groups).order_by("joined_at")
    begun = set()
    for group_id, user_id, joined_at, left_at, first in rows.values_list(
        "membership__group_id", "membership__user_id", "joined_at", "left_at", Subquery(first_check_in)
    ):
        # A first check-in moves the beginning of the first stay alone.
        earlier = None if (group_id, user_id) in begun else first
        begun.add((group_id, user_id))
        found[group_id].append(Stretch(user_id, *days_of_stay(joined_at, left_at, zones[group_id], earlier)))
    return found


def days_of_stay(
    joined_at: datetime, left_at: datetime | None, zone: ZoneInfo, first_check_in: date | None
) -> tuple[date, date]:
    """The first and last day of a stay, inclusive; `date.max` while it lasts. It begins with an earlier check-in."""
    joined = joined_at.astimezone(zone).date()
    last = left_at.astimezone(zone).date() if left_at else date.max
    return min(joined, first_check_in or joined), last
