"""What notifications hears from the rooms below."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from checkins.models import CheckIn
from notifications.services import notify_friends


@receiver(post_save, sender=CheckIn, dispatch_uid="notifications.check_in_saved")
def check_in_saved(sender: type[CheckIn], instance: CheckIn, created: bool, raw: bool, **kwargs: Any) -> None:
    """A new check-in: the friends get a notification, in the same transaction."""
    if created and not raw:
        notify_friends(instance)
