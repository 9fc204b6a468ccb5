"""What notifications hears from the rooms below."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.mail import Letter
from accounts.models import OutgoingMail, User
from accounts.signals import mail_sent
from checkins.models import CheckIn
from groups.models import Membership
from groups.signals import member_invited
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
