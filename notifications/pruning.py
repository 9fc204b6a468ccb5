"""What of notifications has had its time."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from hucares.pruning import days, register_pruning
from notifications.models import Notification, PushSubscription, Reminder


def expired_notifications() -> QuerySet[Notification]:
    """Notifications that nobody is shown any more."""
    return Notification.objects.filter(expires_at__lte=timezone.now())


def expired_subscriptions() -> QuerySet[PushSubscription]:
    """Browsers that have said themselves until when they take pushes."""
    return PushSubscription.objects.filter(expires_at__lte=timezone.now())


def old_reminders() -> QuerySet[Reminder]:
    """Reminders of periods that ended long ago."""
    return Reminder.objects.filter(closes_at__lte=timezone.now() - settings.NOTIFICATION_RETENTION)


register_pruning("notifications", kept=days(settings.NOTIFICATION_RETENTION.days), rows=expired_notifications)
register_pruning("push subscriptions", kept="until they expire", rows=expired_subscriptions)
register_pruning(
    "reminders", kept=f"{days(settings.NOTIFICATION_RETENTION.days)} after the period's end", rows=old_reminders
)
