"""What notifications hears from the rooms below."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.mail import Letter
from accounts.models import OutgoingMail, Session, User
from accounts.signals import mail_sent, sessions_ended
from checkins.models import CheckIn
from groups.models import Membership
from groups.signals import member_invited
from notifications.push import forget_signed_out
from notifications.services import mark_mailed, notify_friends, notify_invited


@receiver(post_save, sender=CheckIn, dispatch_uid="notifications.check_in_saved")
def check_in_saved(sender: type[CheckIn], instance: CheckIn, created: bool, raw: bool, **kwargs: Any) -> None:
    """A new check-in: the friends get a notification, in the same transaction."""
    if created and not raw:
        notify_friends(instance)


@receiver(member_invited, sender=Membership, dispatch_uid="notifications.member_invited")
def member_was_invited(sender: type[Membership], membership: Membership, user: User, **kwargs: Any) -> None:
    """Whoever is asked into a group gets a notification."""
    notify_invited(membership, user)


@receiver(mail_sent, sender=OutgoingMail, dispatch_uid="notifications.mail_sent")
def mail_was_sent(sender: type[OutgoingMail], mail: OutgoingMail, letter: Letter, **kwargs: Any) -> None:
    """Notifications that were mailed are sent."""
    mark_mailed(mail, letter)


@receiver(sessions_ended, sender=Session, dispatch_uid="notifications.sessions_ended")
def sessions_have_ended(sender: type[Session], user_id: UUID, session_ids: list[UUID], **kwargs: Any) -> None:
    """Where somebody was signed out, nothing is shown any more."""
    forget_signed_out(user_id=user_id, session_ids=session_ids)
