"""What realtime stores about a person, and what is left of their events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import User
from accounts.personal_data import register_eraser, register_rows
from realtime.models import GroupEvent, UserSession

register_rows(
    "sockets",
    UserSession,
    shown=("id", "socket_id", "connected_at", "last_heartbeat", "user_agent", "ip_address", "closed_at"),
)
register_rows(
    "groupEvents",
    GroupEvent,
    owner="subject",
    shown=("id", "group_id", "seq", "event", "data", "created_at"),
)


@register_eraser
@contextmanager
def emptying_their_events(user: User) -> Iterator[None]:
    """Leave of the person's events only their numbers; that they are gone is an event that stays."""
    GroupEvent.objects.filter(subject=user).update(subject=None, data={})
    yield
