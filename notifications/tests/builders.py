"""Notifications for tests."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from notifications.kinds import FRIEND_CHECK_IN
from notifications.models import Notification


def make_notification(user: User, **fields: Any) -> Notification:
    """An unread notification of this person."""
    values = {"type": FRIEND_CHECK_IN.name, "title": "News", "message": "Something happened.", **fields}
    return Notification.objects.create(user=user, **values)
