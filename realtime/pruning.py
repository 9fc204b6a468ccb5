"""What of realtime has had its time."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from hucares.pruning import days, register_pruning
from realtime.models import GroupEvent, UserSession

SOCKET_RETENTION = timedelta(days=1)


def old_events() -> QuerySet[GroupEvent]:
    """Events that are no longer replayed. Their log keeps its head and its epoch."""
    return GroupEvent.objects.filter(created_at__lt=timezone.now() - settings.EVENT_RETENTION)


def dead_sockets() -> QuerySet[UserSession]:
    """Sockets that closed a day ago, or have not been heard of since, whatever became of their process."""
    before = timezone.now() - SOCKET_RETENTION
    return UserSession.objects.filter(Q(closed_at__lt=before) | Q(last_heartbeat__lt=before))


register_pruning("group events", kept=days(settings.EVENT_RETENTION.days), rows=old_events)
register_pruning("sockets", kept=f"{days(SOCKET_RETENTION.days)} after their end", rows=dead_sockets)
