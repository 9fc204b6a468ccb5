"""Whether what a notification tells is still true, and of interest to whoever it is for."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.utils import timezone

from accounts.preferences import wants
from checkins.models import CheckIn
from groups.models import Group, Membership, Status
from notifications.kinds import FRIEND_CHECK_IN, GROUP_INVITATION, KINDS, WEEKLY_REMINDER
from notifications.listeners import hears_of
from notifications.models import Notification


def is_relevant(row: Notification, channel: str) -> bool:
    """Whether to deliver a notification by a channel now; its person must be loaded."""
    expired = row.expires_at is not None and row.expires_at <= timezone.now()
    if row.is_read or expired or not row.user.is_active:
        return False
    if not wants(row.user.notification_preferences, KINDS[row.type].preference, channel):
        return False
    return RELEVANT[row.type](row, channel)


def is_due(membership: Membership, period_start: str) -> bool:
    """Whether a member has yet to check in for the period that began on a day, and still can."""
    period = membership.group.current_period
    checked_in = CheckIn.objects.overlapping(membership.user, membership.group, period)
    return str(period.start) == period_start and not checked_in.exists()


def check_in_is_relevant(row: Notification, channel: str) -> bool:
    """Whether the check-in is still there, and its group one that they hear of."""
    membership = hears_of(row.user, UUID(row.data["groupId"]), FRIEND_CHECK_IN, channel)
    return membership is not None and CheckIn.objects.filter(pk=row.data["checkInId"]).exists()


def reminder_is_relevant(row: Notification, channel: str) -> bool:
    """Whether they still have to check in."""
    membership = hears_of(row.user, UUID(row.data["groupId"]), WEEKLY_REMINDER, channel)
    return membership is not None and is_due(membership, row.data["periodStart"])


def invitation_is_relevant(row: Notification, channel: str) -> bool:
    """Whether the asker may still ask, the code opens the group, and they are neither in it nor banned."""
    group = Group.objects.filter(pk=row.data["groupId"], is_active=True, access_code=row.data["accessCode"]).first()
    there = Membership.objects.filter(user=row.user, group=group, status__in=[Status.ACTIVE, Status.BANNED])
    if group is None or there.exists():
        return False
    askers = Membership.objects.active().filter(group=group, user=row.subject_id, user__is_active=True)
    asking = askers.select_related("group", "user").first()
    return asking is not None and asking.may_invite


RELEVANT: dict[str, Callable[[Notification, str], bool]] = {
    FRIEND_CHECK_IN.name: check_in_is_relevant,
    GROUP_INVITATION.name: invitation_is_relevant,
    WEEKLY_REMINDER.name: reminder_is_relevant,
}
