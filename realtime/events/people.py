"""What concerns one person alone, on all of that person's sockets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from notifications.kinds import FRIEND_CHECK_IN, KINDS
from realtime.events.base import BOB, CHECK_IN, PORCH, SUNDAY_EVENING, Event, example
from realtime.events.members import OneOf

NEWS = {
    "userId": str(BOB),
    "username": "bob",
    "groupId": str(PORCH),
    "groupName": "The Porch",
    "checkInId": str(CHECK_IN),
}
NOTIFICATION = UUID("0193b3a4-7c60-7a95-93e7-2d1b0f8c6a4e")


@example(
    id=NOTIFICATION,
    type=FRIEND_CHECK_IN.name,
    title=FRIEND_CHECK_IN.text(NEWS)[0],
    message=FRIEND_CHECK_IN.text(NEWS)[1],
    data=NEWS,
    is_read=False,
    created_at=SUNDAY_EVENING,
    read_at=None,
    expires_at=SUNDAY_EVENING + timedelta(days=30),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationEvent(Event):
    """A new notification, as the REST API shows it."""

    name: ClassVar[str] = "notification"
    id: UUID
    type: Annotated[str, OneOf(KINDS.keys)]
    title: str
    message: str
    data: Annotated[dict[str, Any], "What it is about; its members depend on the type."]
    is_read: bool
    created_at: datetime
    read_at: datetime | None
    expires_at: Annotated[datetime | None, "When it is no longer shown."]


@example(ids=[NOTIFICATION])
@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsRead(Event):
    """These notifications were read on another device."""

    name: ClassVar[str] = "notification-read"
    variant: ClassVar[str] = "some"
    ids: list[UUID]


@example(all=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class AllNotificationsRead(Event):
    """All notifications were read on another device."""

    name: ClassVar[str] = "notification-read"
    variant: ClassVar[str] = "all"
    all: Literal[True]
