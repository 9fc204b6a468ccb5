"""Where a person stands now: each group's open period, and whether it has their check-in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from checkins.models import CheckIn
from groups.access import membership_of
from groups.models import Group, Membership
from groups.periods import Period


@dataclass(frozen=True, slots=True)
class Current:
    """A group's open period and the person's check-in in it, if there is one."""

    group_id: UUID
    period: Period
    check_in: CheckIn | None


def current_check_ins(user: User, group_id: UUID | None = None) -> list[Current]:
    """One row per active group, by name; with `group_id` that group's alone. Raises `NotFound`."""
    groups = [membership_of(user, group_id).group] if group_id else active_groups(user)
    now = timezone.now()
    periods = {group.pk: group.period_at(now) for group in groups}
    check_ins = check_ins_in(user, periods)
    return [Current(pk, period, check_ins.get(pk)) for pk, period in periods.items()]


def active_groups(user: User) -> list[Group]:
    """The living groups that this person is in, by name."""
    memberships = Membership.objects.active().filter(user=user).select_related("group").order_by("group__name", "pk")
    return [membership.group for membership in memberships]


def check_ins_in(user: User, periods: dict[UUID, Period]) -> dict[UUID, CheckIn]:
    """Group → the person's newest check-in that covers a day of that group's period, in one query."""
    if not periods:
        return {}
    earliest = min(period.start for period in periods.values())
    recent = CheckIn.objects.with_author().filter(user=user, group__in=periods, period_end__gte=earliest)
    return {
        check_in.group_id: check_in
        for check_in in recent.order_by("week_start_date")
        if check_in.covers_day_of(periods[check_in.group_id])
    }
