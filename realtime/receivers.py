"""What realtime hears from the rooms below. Each receiver is a few lines that call one function."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts.models import Session
from accounts.signals import sessions_ended
from checkins.models import CheckIn
from groups.models import Departure, Group, Membership
from groups.signals import group_ended, member_joined, member_left, member_updated, settings_changed
from notifications.models import Notification
from notifications.signals import notifications_created, notifications_read
from realtime import messages, record
from realtime.publish import publish_on_commit
from realtime.telling import Told


def publish_event(told: Told) -> None:
    """Tell an event to the sockets of its group once the transaction has committed."""
    publish_on_commit(messages.group_event(told))


@receiver(post_save, sender=CheckIn, dispatch_uid="realtime.check_in_saved")
def check_in_saved(sender: type[CheckIn], instance: CheckIn, created: bool, raw: bool, **kwargs: Any) -> None:
    """A check-in, new or changed, is an event of its group."""
    if not raw:
        publish_event(record.check_in_saved(instance) if created else record.check_in_updated(instance))


@receiver(post_delete, sender=CheckIn, dispatch_uid="realtime.check_in_deleted")
def check_in_was_deleted(sender: type[CheckIn], instance: CheckIn, origin: object, **kwargs: Any) -> None:
    """A check-in that was deleted by itself is an event; one that goes with its person or group is none."""
    if origin is instance:
        publish_event(record.check_in_deleted(instance))


@receiver(member_joined, sender=Membership, dispatch_uid="realtime.member_joined")
def member_has_joined(sender: type[Membership], membership: Membership, **kwargs: Any) -> None:
    """Somebody came in."""
    publish_event(record.member_joined(membership))


@receiver(member_left, sender=Membership, dispatch_uid="realtime.member_left")
def member_has_left(sender: type[Membership], membership: Membership, reason: Departure, **kwargs: Any) -> None:
    """Somebody is no member any more."""
    publish_event(record.member_left(membership, reason))


@receiver(member_updated, sender=Membership, dispatch_uid="realtime.member_updated")
def member_was_updated(sender: type[Membership], membership: Membership, **kwargs: Any) -> None:
    """A member has another role or other permissions."""
    publish_event(record.member_updated(membership))


@receiver(settings_changed, sender=Group, dispatch_uid="realtime.settings_changed")
def settings_were_changed(sender: type[Group], group: Group, fields: list[str], **kwargs: Any) -> None:
    """A group has other settings."""
    publish_event(record.settings_changed(group, fields))


@receiver(group_ended, sender=Group, dispatch_uid="realtime.group_ended")
def group_has_ended(sender: type[Group], group: Group, **kwargs: Any) -> None:
    """A group has ended."""
    publish_event(record.group_ended(group))


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
