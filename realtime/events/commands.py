"""What a client may send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from realtime.events.answers import Ack, Heartbeat, JoinGroupAck, Ready
from realtime.events.base import PORCH, Command, Event, example
from realtime.events.members import Bounds

GREATEST_SEQ = 2**63 - 1


@example(access_token="eyJhbGciOiJIUzI1NiJ9.e30.k3zlqGd1uXw")  # noqa: S106
@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateCommand(Command):
    """Say who one is: the first frame, and again before the token expires."""

    name: ClassVar[str] = "authenticate"
    answers: ClassVar[tuple[type[Event], ...]] = (Ready, Ack)
    access_token: Annotated[str, "An access token; again, a newer one of the same sign-in."]


@example(group_id=PORCH, since=41, epoch="c81d5f37-90ab-4e62-b1f4-7d3a2e6c5908")
@dataclass(frozen=True, slots=True, kw_only=True)
class JoinGroupCommand(Command):
    """Hear of a group that one is an active member of. What was missed follows in order, then the ack."""

    name: ClassVar[str] = "join-group"
    answers: ClassVar[tuple[type[Event], ...]] = (JoinGroupAck,)
    group_id: UUID
    since: Annotated[
        int | None,
        "The last event that one has seen: those after it are replayed. Without it nothing is.",
        Bounds(0, GREATEST_SEQ),
    ] = None
    epoch: Annotated[str | None, "Of which life of the log `since` is, as the last ack said."] = None


@example(group_id=PORCH)
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveGroupCommand(Command):
    """Hear no more of a group. One stays a member of it."""

    name: ClassVar[str] = "leave-group"
    answers: ClassVar[tuple[type[Event], ...]] = (Ack,)
    group_id: UUID


@example(group_id=PORCH, is_typing=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class UserTypingCommand(Command):
    """Tell the others in a joined group that one is typing, or has stopped."""

    name: ClassVar[str] = "user-typing"
    answers: ClassVar[tuple[type[Event], ...]] = (Ack,)
    group_id: UUID
    is_typing: bool


@example()
@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatCommand(Command):
    """Keep the socket open. What it has missed comes before the answer."""

    name: ClassVar[str] = "heartbeat"
    answers: ClassVar[tuple[type[Event], ...]] = (Heartbeat, Ack)
