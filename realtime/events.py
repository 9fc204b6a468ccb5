"""Every event that the server sends, a closed type each. The only place that knows their shape on the wire."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from hucares.encoding import encode
from hucares.serializers import camelize


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of all events; a subclass's fields are its `data`, in camelCase on the wire."""

    name: ClassVar[str]

    def data(self) -> dict[str, Any]:
        """The event's `data`."""
        return {camelize(field.name): getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Event):
    """The socket is authenticated. `heartbeat_interval` is in seconds."""

    name: ClassVar[str] = "ready"
    connection_id: UUID
    user_id: UUID
    heartbeat_interval: float
    token_expires_at: datetime
    unread_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat(Event):
    """The answer to a heartbeat."""

    name: ClassVar[str] = "heartbeat"
    server_time: datetime
    unread_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack(Event):
    """A frame with a `ref` was carried out; what comes back depends on the frame."""

    name: ClassVar[str] = "ack"
    answer: dict[str, Any]

    def data(self) -> dict[str, Any]:
        """The answer itself."""
        return self.answer


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvent(Event):
    """A frame was refused; the codes are those of the REST contract."""

    name: ClassVar[str] = "error"
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendCheckedIn(Event):
    """A member checked in. `hu_cares_score` is None for a private check-in. Durable."""

    name: ClassVar[str] = "friend-checked-in"
    user_id: UUID
    username: str
    group_id: UUID
    hu_cares_score: int | None
    timestamp: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInSaved(Event):
    """The same event as the author's own sockets get it. Durable."""

    name: ClassVar[str] = "check-in-saved"
    group_id: UUID
    check_in_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupUpdated(Event):
    """Something about a group has changed: `type` says what, a subclass's own fields are the inner `data`. Durable."""

    name: ClassVar[str] = "group-updated"
    type: ClassVar[str]
    group_id: UUID

    def data(self) -> dict[str, Any]:
        """`{groupId, type, data}`."""
        inner = {camelize(field.name): getattr(self, field.name) for field in fields(self) if field.name != "group_id"}
        return {"groupId": self.group_id, "type": self.type, "data": inner}


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(GroupUpdated):
    """Somebody came in, or came back."""

    type: ClassVar[str] = "member-joined"
    user_id: UUID
    username: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(GroupUpdated):
    """Somebody is no member any more; `reason` is `left`, `removed`, `banned` or `erased`."""

    type: ClassVar[str] = "member-left"
    user_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberUpdated(GroupUpdated):
    """A member has another role or other permissions (`{canInvite, canKick}`)."""

    type: ClassVar[str] = "member-updated"
    user_id: UUID
    role: str
    permissions: dict[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanged(GroupUpdated):
    """The group has other settings: these fields, as the REST contract names them."""

    type: ClassVar[str] = "settings-changed"
    fields: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInUpdated(GroupUpdated):
    """A check-in was changed. `hu_cares_score` is None for a private one, and for one deleted since."""

    type: ClassVar[str] = "check-in-updated"
    check_in_id: UUID
    user_id: UUID
    hu_cares_score: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInDeleted(GroupUpdated):
    """A check-in was deleted."""

    type: ClassVar[str] = "check-in-deleted"
    check_in_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDeleted(GroupUpdated):
    """The group has ended."""

    type: ClassVar[str] = "group-deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Event):
    """An event whose person was erased; it only keeps the numbering whole. Durable."""

    name: ClassVar[str] = "erased"
    group_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationEvent(Event):
    """A notification, as the REST contract writes it."""

    name: ClassVar[str] = "notification"
    notification: dict[str, Any]

    def data(self) -> dict[str, Any]:
        """The notification itself."""
        return self.notification


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRead(Event):
    """The person read some notifications elsewhere; `ids` is None when it was all of them."""

    name: ClassVar[str] = "notification-read"
    ids: list[UUID] | None

    def data(self) -> dict[str, Any]:
        """`{ids}` or `{all: true}`."""
        return {"all": True} if self.ids is None else {"ids": self.ids}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserOnline(Event):
    """Somebody else's first socket has opened."""

    name: ClassVar[str] = "user-online"
    user_id: UUID
    group_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UserOffline(Event):
    """Somebody else's last socket has been gone for the grace of 10 seconds."""

    name: ClassVar[str] = "user-offline"
    user_id: UUID
    group_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTyping(Event):
    """Somebody else in the group has begun to type, types on, or has stopped."""

    name: ClassVar[str] = "user-typing"
    group_id: UUID
    user_id: UUID
    is_typing: bool


def frame(event: Event, *, seq: int | None = None, ref: str | None = None) -> str:
    """The text of a frame; `seq` for durable events of a group, `ref` for answers."""
    document: dict[str, Any] = {"event": event.name, "data": event.data()}
    if seq is not None:
        document["seq"] = seq
    if ref is not None:
        document["ref"] = ref
    return encode(document).decode()
