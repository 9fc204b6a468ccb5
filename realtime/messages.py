"""What travels through the channel layer: `(channel group, message)` pairs, with their frames already encoded.

A message's `type` names what the socket does with it. Every message of a group says in `after` how far a socket must
have come in the group's log before it may pass the message on.
"""

from __future__ import annotations

from uuid import UUID

from notifications.models import Notification
from realtime.channel_names import group_channel, user_channel
from realtime.events import (
    AllNotificationsRead,
    NotificationEvent,
    NotificationsRead,
    UserOffline,
    UserOnline,
    UserTyping,
    frame,
)
from realtime.events.members import members_of
from realtime.local_layer import Messages
from realtime.telling import Told


def group_event(told: Told) -> Messages:
    """One event for everybody in its group."""
    text = frame(told.event, seq=told.seq)
    same = told.author_event is told.event
    message = {
        "type": "group.event",
        "group_id": str(told.group_id),
        "after": told.seq - 1,
        "author_id": told.author_id and str(told.author_id),
        "text": text,
        "author_text": text if same else frame(told.author_event, seq=told.seq),
        "ends_for": told.ends_for,
    }
    return [(group_channel(told.group_id), message)]


def online(user_id: UUID, group_id: UUID, head: int) -> tuple[str, dict[str, object]]:
    """Somebody is online, for the others in the group."""
    event = UserOnline(user_id=user_id, group_id=group_id)
    return group_channel(group_id), group_frame(user_id, group_id, head, frame(event))


def offline(user_id: UUID, group_id: UUID, head: int) -> tuple[str, dict[str, object]]:
    """Somebody is offline, for the others in the group."""
    event = UserOffline(user_id=user_id, group_id=group_id)
    return group_channel(group_id), group_frame(user_id, group_id, head, frame(event))


def typing(user_id: UUID, group_id: UUID, head: int, is_typing: bool, socket_id: str) -> Messages:
    """Somebody types or has stopped, for the others in the group; their own sockets but this one take note of it."""
    event = UserTyping(user_id=user_id, group_id=group_id, is_typing=is_typing)
    message = group_frame(user_id, group_id, head, frame(event))
    more = {"type": "group.typing", "is_typing": is_typing, "socket_id": socket_id}
    return [(group_channel(group_id), {**message, **more})]


def group_frame(about: UUID, group_id: UUID, head: int, text: str) -> dict[str, object]:
    """Something about a person that is in no log, for everybody else in a group.

    `head` is as far as the group's log was known to whoever tells it: a socket that has not come so far may miss its
    own removal, so it reads the log first.
    """
    return {"type": "group.frame", "group_id": str(group_id), "about": str(about), "after": head, "text": text}


def notified(notifications: list[Notification]) -> Messages:
    """Each notification for its person."""
    return [user_message(row.user_id, frame(notification_event(row))) for row in notifications]


def notification_event(row: Notification) -> NotificationEvent:
    """A notification as it is told; it has what its row has."""
    return NotificationEvent(**{member.field: getattr(row, member.field) for member in members_of(NotificationEvent)})


def notifications_read(user_id: UUID, ids: list[UUID] | None) -> Messages:
    """The person read these (None: all) notifications."""
    event = AllNotificationsRead(all=True) if ids is None else NotificationsRead(ids=ids)
    return [user_message(user_id, frame(event))]


def user_message(user_id: UUID, text: str) -> tuple[str, dict[str, object]]:
    """One frame for all of a person's sockets."""
    return user_channel(user_id), {"type": "user.frame", "text": text}


def sessions_ended(user_id: UUID, session_ids: list[UUID]) -> Messages:
    """These sign-in sessions' sockets are to close."""
    message = {"type": "sessions.ended", "session_ids": [str(session_id) for session_id in session_ids]}
    return [(user_channel(user_id), message)]
