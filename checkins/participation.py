"""How many of a group's members check in."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Min
from django.utils import timezone

from checkins.models import CheckIn
from groups.models import Group, MembershipSpan
from groups.periods import Period, period_of_day, start_of_day

CLOSED_PERIODS = 12


def refresh_participation(group: Group) -> None:
    """Bring `average_participation_rate` up to date; the caller holds the group's lock.

    Over the last 12 closed periods: members who checked in divided by members present. Somebody is present from
    joining, or from the first check-in if that is earlier, until leaving.
    """
    asked = answered = 0
    for period in closed_periods(group):
        checked_in = set(CheckIn.objects.of_group(group, period).values_list("user_id", flat=True))
        asked += len(present_in(group, period) | checked_in)
        answered += len(checked_in)
    rate = round(Decimal(answered) / asked, 2) if asked else Decimal(0)
    Group.objects.filter(pk=group.pk).update(average_participation_rate=rate)


def closed_periods(group: Group) -> list[Period]:
    """The last closed periods, by the group's frequency and zone as they are now; the newest first."""
    periods: list[Period] = []
    first_day = group.period_at(timezone.now()).start
    for _ in range(CLOSED_PERIODS):
        periods.append(period_of_day(first_day - timedelta(days=1), group.check_in_frequency, group.timezone))
        first_day = periods[-1].start
    return periods


def present_in(group: Group, period: Period) -> set[UUID]:
    """Who was a member in a period."""
    opens_at = start_of_day(period.start, group.timezone)
    spans = MembershipSpan.objects.filter(membership__group=group).exclude(left_at__lte=opens_at)
    joined = spans.filter(joined_at__lt=period.closes_at).values_list("membership__user_id", flat=True)
    began = CheckIn.objects.filter(group=group).values("user_id").annotate(first=Min("week_start_date"))
    early = began.filter(first__lte=period.end).values("user_id")
    return set(joined) | set(spans.filter(membership__user__in=early).values_list("membership__user_id", flat=True))
