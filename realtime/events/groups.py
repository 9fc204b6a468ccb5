"""What happens in a group, as its members hear it. All of it is durable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from groups.models import Departure, Role
from realtime.events.base import BOB, CHECK_IN, PORCH, SUNDAY_EVENING, Event, example
from realtime.events.members import Member, OneOf, Schema, members_of, object_schema

ROLE = OneOf(lambda: Role.values)
REASON = OneOf(lambda: Departure.values)


@example(user_id=BOB, username="bob", group_id=PORCH, hu_cares_score=14, timestamp=SUNDAY_EVENING)
@dataclass(frozen=True, slots=True, kw_only=True)
class FriendCheckedIn(Event):
    """A member has checked in. Everybody in the group hears it but that member, who gets `check-in-saved`."""

    name: ClassVar[str] = "friend-checked-in"
    durable: ClassVar[bool] = True
    user_id: UUID
    username: str
    group_id: UUID
    hu_cares_score: Annotated[int | None, "Null for a private check-in, and for one that was deleted since."]
    timestamp: Annotated[datetime, "When it was submitted."]


@example(group_id=PORCH, check_in_id=CHECK_IN)
@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInSaved(Event):
    """One's own check-in, on one's other devices: the same event as `friend-checked-in`, with the same number."""

    name: ClassVar[str] = "check-in-saved"
    durable: ClassVar[bool] = True
    group_id: UUID
    check_in_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupUpdated(Event):
    """Something about a group has changed: `variant` is its `type`, a subclass's own fields are the inner `data`."""

    name: ClassVar[str] = "group-updated"
    durable: ClassVar[bool] = True
    group_id: UUID

    def content(self) -> dict[str, Any]:
        """`{groupId, type, data}`."""
        inner = {member.name: getattr(self, member.field) for member in inner_members(type(self))}
        return {"groupId": self.group_id, "type": self.variant, "data": inner}

    @classmethod
    def content_schema(cls) -> Schema:
        """The JSON Schema of `content()`."""
        schema = object_schema(member for member in members_of(cls) if member.field == "group_id")
        schema["properties"]["type"] = {"type": "string", "const": cls.variant}
        schema["properties"]["data"] = object_schema(inner_members(cls))
        return {**schema, "required": ["groupId", "type", "data"]}


def inner_members(kind: type[GroupUpdated]) -> list[Member]:
    """The fields of the inner `data`."""
    return [member for member in members_of(kind) if member.field != "group_id"]


@example(group_id=PORCH, user_id=BOB, username="bob", role=Role.MEMBER.value)
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(GroupUpdated):
    """Somebody came in, or came back."""

    variant: ClassVar[str] = "member-joined"
    user_id: UUID
    username: str
    role: Annotated[str, ROLE]


@example(group_id=PORCH, user_id=BOB, reason=Departure.LEFT.value)
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(GroupUpdated):
    """Somebody is no member any more. To that person's own sockets it is the last event of the group."""

    variant: ClassVar[str] = "member-left"
    user_id: UUID
    reason: Annotated[str, "`erased`: the account is gone.", REASON]


@example(group_id=PORCH, user_id=BOB, role=Role.MODERATOR.value, permissions={"canInvite": True, "canKick": False})
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberUpdated(GroupUpdated):
    """A member has another role or other permissions."""

    variant: ClassVar[str] = "member-updated"
    user_id: UUID
    role: Annotated[str, ROLE]
    permissions: Annotated[dict[str, bool], "What the member may do beside what the role allows."]


@example(group_id=PORCH, fields=["name", "timezone"])
@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanged(GroupUpdated):
    """The group has other settings: read them over REST."""

    variant: ClassVar[str] = "settings-changed"
    fields: Annotated[list[str], "Their names, as the REST API has them."]


@example(group_id=PORCH, check_in_id=CHECK_IN, user_id=BOB, hu_cares_score=16)
@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInUpdated(GroupUpdated):
    """A check-in was changed."""

    variant: ClassVar[str] = "check-in-updated"
    check_in_id: UUID
    user_id: UUID
    hu_cares_score: Annotated[int | None, "Null for a private check-in, and for one that was deleted since."]


@example(group_id=PORCH, check_in_id=CHECK_IN, user_id=BOB)
@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInDeleted(GroupUpdated):
    """A check-in was deleted."""

    variant: ClassVar[str] = "check-in-deleted"
    check_in_id: UUID
    user_id: UUID


@example(group_id=PORCH)
@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDeleted(GroupUpdated):
    """The group has ended. It is its last event, for everybody."""

    variant: ClassVar[str] = "group-deleted"


@example(group_id=PORCH)
@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Event):
    """What happened is gone with the person that it told of; only its number is left."""

    name: ClassVar[str] = "erased"
    durable: ClassVar[bool] = True
    group_id: UUID
