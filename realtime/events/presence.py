"""Who is there, and who is typing. None of it is durable, and nobody hears of oneself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from realtime.events.base import BOB, PORCH, Event, example


@example(user_id=BOB, group_id=PORCH)
@dataclass(frozen=True, slots=True, kw_only=True)
class UserOnline(Event):
    """Somebody else's first socket has opened."""

    name: ClassVar[str] = "user-online"
    user_id: UUID
    group_id: UUID


@example(user_id=BOB, group_id=PORCH)
@dataclass(frozen=True, slots=True, kw_only=True)
class UserOffline(Event):
    """Somebody else's last socket has been gone for the grace of 10 seconds."""

    name: ClassVar[str] = "user-offline"
    user_id: UUID
    group_id: UUID


@example(group_id=PORCH, user_id=BOB, is_typing=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class UserTyping(Event):
    """Somebody else in the group has begun to type, types on, or has stopped."""

    name: ClassVar[str] = "user-typing"
    group_id: UUID
    user_id: UUID
    is_typing: bool
