"""What realtime hears from the rooms below. Each receiver is a few lines that call one function."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import Session
from accounts.signals import sessions_ended
from checkins.models import CheckIn
from notifications.models import Notification
from notifications.signals import notifications_created, notifications_read
from realtime import log, messages
from realtime.publish import publish_on_commit


@receiver(post_save, sender=CheckIn, dispatch_uid="realtime.check_in_saved")
def check_in_saved(sender: type[CheckIn], instance: CheckIn, created: bool, raw: bool, **kwargs: Any) -> None:
    """A new check-in is an event of its group."""
    if created and not raw:
        publish_on_commit(messages.group_event(log.record_check_in(instance)))


@receiver(notifications_created, sender=Notification, dispatch_uid="realtime.notifications_created")
def notifications_were_created(sender: type[Notification], notifications: list[Notification], **kwargs: Any) -> None:
    """Whoever has a socket open sees new notifications at once."""
    publish_on_commit(messages.notified(notifications))


@receiver(notifications_read, sender=Notification, dispatch_uid="realtime.notifications_read")
def notifications_were_read(sender: type[Notification], user_id: UUID, ids: list[UUID] | None, **kwargs: Any) -> None:
    """The person's other devices follow."""
    publish_on_commit(messages.notifications_read(user_id, ids))


@receiver(sessions_ended, sender=Session, dispatch_uid="realtime.sessions_ended")
def sessions_have_ended(sender: type[Session], user_id: UUID, session_ids: list[UUID], **kwargs: Any) -> None:
    """The sockets of ended sessions close."""
    publish_on_commit(messages.sessions_ended(user_id, session_ids))
