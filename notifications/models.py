"""A notification: one row for one person. A reminder: that there was one. A push subscription: one for one browser."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Count, JSONField, Q, Value
from django.db.models.functions import Now
from django.utils.timezone import now

from accounts.models import Session, User
from groups.models import Group
from hucares.ids import RandomUUID, uuid7
from hucares.request_id import LONGEST, current_request_id
from notifications.kinds import KINDS
from notifications.push_endpoints import ENDPOINT_LENGTH


def expiry() -> datetime:
    """When a notification made now is no longer shown."""
    return now() + settings.NOTIFICATION_RETENTION


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Which notifications somebody sees."""

    def for_user(self, user: User) -> NotificationQuerySet:
        """This person's, without the expired ones."""
        return self.standing().filter(user=user)

    def standing(self) -> NotificationQuerySet:
        """Everybody's, without the expired ones."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now()))

    def unread(self) -> NotificationQuerySet:
        """Those not read yet."""
        return self.filter(is_read=False)

    def count_unread(self, user_ids: Collection[UUID]) -> dict[UUID, int]:
        """How many notifications wait for each of these people, in one query. Without any, somebody is not in it."""
        theirs = self.standing().unread().filter(user__in=user_ids)
        return dict(theirs.order_by().values_list("user").annotate(number=Count("pk")))


class Notification(models.Model):
    """Something that one person should hear of."""

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications", db_index=False
    )

    # Whom it tells of, if anybody: it goes when that person goes.
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )

    type = models.CharField(max_length=50, choices=[(name, name) for name in KINDS])
    title = models.CharField(max_length=255)
    message = models.TextField()
    data = models.JSONField(default=dict, db_default=Value({}, JSONField()), blank=True)

    is_read = models.BooleanField(default=False, db_default=False)
    is_sent = models.BooleanField(default=False, db_default=False)  # the delivery outside the app happened

    created_at = models.DateTimeField(default=now, db_default=Now())
    read_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, default=expiry)

    objects: ClassVar = NotificationQuerySet.as_manager()

    class Meta:
        db_table = "notifications"
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at"], name="notifications_of_user"),
            models.Index(fields=["user"], condition=Q(is_read=False), name="notifications_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.type} for {self.user_id}"


class Reminder(models.Model):
    """That somebody was reminded to check in to a group for a period: once, whatever becomes of the period."""

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    period_start = models.DateField()  # in the group's zone
    closes_at = models.DateTimeField()  # when the period ends, as far as it was known then
    created_at = models.DateTimeField(default=now, db_default=Now())

    class Meta:
        db_table = "reminders"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "group", "period_start"], name="reminders_one_per_period"),
        ]
        indexes: ClassVar = [models.Index(fields=["closes_at"], name="reminders_closes_at")]

    def __str__(self) -> str:
        return f"reminder of {self.user_id} about {self.group_id}"


class PushSubscriptionQuerySet(models.QuerySet["PushSubscription"]):
    """Which push subscriptions somebody sees."""

    def for_user(self, user: User) -> PushSubscriptionQuerySet:
        """This person's."""
        return self.filter(user=user)


class PushSubscription(models.Model):
    """A browser that takes pushes for one person; whoever knows its endpoint and keys can send it something."""

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions")
    # Where its person was signed in who sent it last: with that session it goes. Null if that is not known any more.
    session = models.ForeignKey(Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    endpoint = models.CharField(max_length=ENDPOINT_LENGTH)
    p256dh = models.CharField(max_length=87)  # the browser's public key, 65 bytes in base64url
    auth = models.CharField(max_length=22)  # the secret shared with it, 16 bytes in base64url
    user_agent = models.TextField(default="", db_default="", blank=True)

    created_at = models.DateTimeField(default=now, db_default=Now())  # when the browser sent it last
    expires_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = PushSubscriptionQuerySet.as_manager()

    class Meta:
        db_table = "push_subscriptions"
        constraints: ClassVar = [
            # On the text itself: the longest, in ASCII as all that is let in, still fits into an index of PostgreSQL.
            models.UniqueConstraint(fields=["endpoint"], name="push_subscriptions_endpoint_unique"),
        ]

    def __str__(self) -> str:
        return f"push subscription {self.pk}"


class OutgoingPush(models.Model):
    """A notification that is to be pushed to one browser."""

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="pushes")
    subscription = models.ForeignKey(PushSubscription, on_delete=models.CASCADE, related_name="pushes")
    due_at = models.DateTimeField(default=now, db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    request_id = models.CharField(max_length=LONGEST, default=current_request_id, db_default="", blank=True)

    class Meta:
        db_table = "outgoing_pushes"
        verbose_name_plural = "outgoing pushes"
        indexes: ClassVar = [models.Index(fields=["due_at"], name="outgoing_pushes_due")]

    def __str__(self) -> str:
        return f"push {self.pk}"
