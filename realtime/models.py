"""The event log of each group, and the sockets that are open."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import JSONField, Q, Value
from django.db.models.functions import Coalesce, Now
from django.utils.timezone import now

from groups.models import Group
from hucares.ids import RandomUUID, uuid7


class GroupLog(models.Model):
    """A group's counter of events. Its row lock makes sequence order commit order, without gaps."""

    group = models.OneToOneField(Group, on_delete=models.CASCADE, primary_key=True, related_name="log")
    head = models.BigIntegerField(default=0, db_default=0)  # the newest event's number
    epoch = models.UUIDField(default=uuid.uuid4)  # names the life of the log; a restored backup gets a new one

    class Meta:
        db_table = "group_logs"

    def __str__(self) -> str:
        return f"log of {self.group_id}, {self.head} events"


class GroupEvent(models.Model):
    """One durable event. It names people and check-ins by id and holds no score: those are read when it is sent."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="events", db_index=False)
    seq = models.BigIntegerField()
    event = models.CharField(max_length=40)
    # Whom it tells of; null once that person was erased.
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    data = models.JSONField(default=dict, db_default=Value({}, JSONField()), blank=True)
    created_at = models.DateTimeField(default=now, db_default=Now())

    class Meta:
        db_table = "group_events"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "seq"], name="group_events_numbered"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="group_events_from_one"),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="group_events_by_age")]

    def __str__(self) -> str:
        return f"{self.event} {self.seq} of {self.group_id}"


def is_open() -> Q:
    """Sockets that are open, of processes that live: one that has not vouched for its sockets for long has died."""
    return Q(closed_at=None, last_heartbeat__gt=now() - timedelta(seconds=settings.SOCKET_SILENCE_SECONDS))


def is_present() -> Q:
    """Sockets that are open, or have closed so lately that their person may still come back."""
    return is_open() | Q(closed_at__gt=now() - timedelta(seconds=settings.SOCKET_OFFLINE_GRACE_SECONDS))


class UserSessionQuerySet(models.QuerySet["UserSession"]):
    """Which sockets keep their person online."""

    def present(self) -> UserSessionQuerySet:
        """Those that do."""
        return self.filter(is_present())

    def due(self) -> UserSessionQuerySet:
        """Those that do no longer, and are to be swept."""
        return self.alias(present=Coalesce(is_present(), False)).filter(present=False)

    def standing(self) -> list[tuple[str, bool, bool]]:
        """(name in the channel layer, whether it is open, whether it keeps its person online) of each."""
        rows = self.annotate(open=is_open(), present=is_present())
        return [
            (name, bool(opened), bool(present))
            for name, opened, present in rows.values_list("socket_id", "open", "present")
        ]


class UserSession(models.Model):
    """One authenticated socket. Its person is online for as long as it is open, and for the grace after it.

    `last_heartbeat` is when the process that holds the socket last said that it is open, as its client keeps saying.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sockets")
    socket_id = models.CharField(max_length=255)  # its name in the channel layer
    connected_at = models.DateTimeField(default=now, db_default=Now())
    last_heartbeat = models.DateTimeField(default=now, db_default=Now())
    user_agent = models.TextField(null=True, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = UserSessionQuerySet.as_manager()

    class Meta:
        db_table = "user_sessions"
        verbose_name = "socket"
        indexes: ClassVar = [models.Index(fields=["user"], condition=Q(closed_at=None), name="user_sessions_open")]

    def __str__(self) -> str:
        return f"socket of {self.user_id}"
