"""Who is to be reminded to check in, and why others are not. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.preferences import wants
from checkins.models import CheckIn
from groups.models import Group, Membership, Status
from groups.periods import DAILY, Period
from notifications.kinds import WEEKLY_REMINDER
from notifications.models import Reminder

LEAD = timedelta(hours=24)  # before the period's end
LEAD_OF_A_DAY = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a member is to be reminded, and how; `obstacle` says why not, and is empty if they are."""

    user: User
    obstacle: str
    in_app: bool
    by_mail: bool


def remind_from(group: Group, period: Period) -> datetime:
    """The instant from which on members are reminded of a period, in hours that pass, whatever the clocks say."""
    return period.closes_at - (LEAD_OF_A_DAY if group.check_in_frequency == DAILY else LEAD)


def ending_period(group: Group, now: datetime) -> Period | None:
    """The group's open period if it is so near its end that members are reminded; else None."""
    period = group.period_at(now)
    return period if remind_from(group, period) <= now else None


def ending_groups(now: datetime) -> QuerySet[Group]:
    """The living groups whose open period may be near its end: when it ends is known unless it has just changed."""
    daily = Q(check_in_frequency=DAILY)
    soon = daily & Q(period_closes_at__lte=now + LEAD_OF_A_DAY) | ~daily & Q(period_closes_at__lte=now + LEAD)
    return Group.objects.filter(Q(period_closes_at=None) | soon, is_active=True)


def groups_to_look_at(now: datetime) -> list[UUID]:
    """Those of them with a member who, as far as one statement can tell, was not reminded and has not checked in."""
    theirs = {"user": OuterRef("user"), "group": OuterRef("group"), "closes_at__gt": now}
    silent = Membership.objects.filter(
        ~Exists(CheckIn.objects.filter(**theirs)),
        ~Exists(Reminder.objects.filter(**theirs)),
        group=OuterRef("pk"),
        status=Status.ACTIVE,
        notification_enabled=True,
        user__is_active=True,
    )
    ordered = ending_groups(now).filter(Exists(silent)).order_by(F("period_closes_at").asc(nulls_first=True), "pk")
    return list(ordered.values_list("pk", flat=True))


def decisions(group: Group, period: Period, now: datetime) -> list[Decision]:
    """What is to become of each member, by name; in three statements, however many they are."""
    checked_in = set(CheckIn.objects.of_group(group, period).values_list("user_id", flat=True))
    same = Q(period_start=period.start) | Q(closes_at__gt=now)
    reminded = set(Reminder.objects.filter(same, group=group).values_list("user_id", flat=True))
    members = group.memberships.filter(status=Status.ACTIVE).select_related("user").order_by("user__username")
    return [decision(member, checked_in, reminded) for member in members]


def decision(member: Membership, checked_in: Iterable[UUID], reminded: Iterable[UUID]) -> Decision:
    """What is to become of one member."""
    user = member.user
    in_app, by_mail = (
        wants(user.notification_preferences, WEEKLY_REMINDER.preference, channel) for channel in ("inApp", "email")
    )
    obstacles = {
        "has checked in": member.user_id in checked_in,
        "was reminded": member.user_id in reminded,
        "has muted the group": not member.notification_enabled,
        "is not active": not user.is_active,
        "wants no reminders": not (in_app or by_mail),
    }
    return Decision(user, next((words for words, there in obstacles.items() if there), ""), in_app, by_mail)
