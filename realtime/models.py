"""The event log of each group, and the sockets that are open."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import JSONField, Q, Value
from django.db.models.functions import Now
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


class UserSession(models.Model):
    """One authenticated socket."""

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sockets")
    socket_id = models.CharField(max_length=255)  # its name in the channel layer
    connected_at = models.DateTimeField(default=now, db_default=Now())
    last_heartbeat = models.DateTimeField(default=now, db_default=Now())
    user_agent = models.TextField(null=True, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "user_sessions"
        indexes: ClassVar = [models.Index(fields=["user"], condition=Q(closed_at=None), name="user_sessions_open")]

    def __str__(self) -> str:
        return f"socket of {self.user_id}"
