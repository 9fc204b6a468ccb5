"""Notifications and push subscriptions for tests."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from notifications.kinds import FRIEND_CHECK_IN
from notifications.models import Notification, PushSubscription

ENDPOINT = "https://push.example/send/abc"
# Those of the example in RFC 8291.
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


def make_notification(user: User, **fields: Any) -> Notification:
    """An unread notification of this person."""
    values = {"type": FRIEND_CHECK_IN.name, "title": "News", "message": "Something happened.", **fields}
    return Notification.objects.create(user=user, **values)


def make_subscription(user: User, endpoint: str = ENDPOINT, **fields: Any) -> PushSubscription:
    """A browser of this person that takes pushes."""
    return PushSubscription.objects.create(user=user, endpoint=endpoint, **{**KEYS, **fields})
