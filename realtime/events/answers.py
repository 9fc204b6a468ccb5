"""What the server says of the socket itself, and answers to what a client sends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from hucares.schema import every_code
from realtime.events.base import ALICE, BOB, PORCH, SUNDAY_EVENING, Event, example
from realtime.events.members import OneOf


@example(
    connection_id=UUID("0193b3a1-20f4-7b6c-8e1d-5c4a3b2f1e0d"),
    user_id=ALICE,
    heartbeat_interval=25.0,
    token_expires_at=SUNDAY_EVENING,
    unread_count=2,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Event):
    """The socket is authenticated."""

    name: ClassVar[str] = "ready"
    connection_id: Annotated[UUID, "This socket."]
    user_id: Annotated[UUID, "Whose socket it is."]
    heartbeat_interval: Annotated[float, "How often to send a heartbeat, in seconds."]
    token_expires_at: Annotated[datetime, "By when to authenticate again, with a newer token of the same sign-in."]
    unread_count: Annotated[int, "How many notifications wait to be read."]


@example(server_time=SUNDAY_EVENING, unread_count=2)
@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat(Event):
    """The answer to a heartbeat. Events that the socket had missed have come before it."""

    name: ClassVar[str] = "heartbeat"
    server_time: datetime
    unread_count: Annotated[int, "How many notifications wait to be read."]


@example()
@dataclass(frozen=True, slots=True, kw_only=True)
class Ack(Event):
    """A frame with a `ref` was carried out."""

    name: ClassVar[str] = "ack"
    ref: ClassVar[Literal["never", "always", "if there was one"]] = "always"


@example(
    group_id=PORCH,
    head=42,
    epoch=UUID("c81d5f37-90ab-4e62-b1f4-7d3a2e6c5908"),
    resync=False,
    online=[ALICE, BOB],
)
@dataclass(frozen=True, slots=True, kw_only=True)
class JoinGroupAck(Ack):
    """A group was joined: what was missed has come before this, live events come after it."""

    variant: ClassVar[str] = "of join-group"
    group_id: UUID
    head: Annotated[int, "The number of the newest event; the next one is one more."]
    epoch: Annotated[UUID, "Names the life of the log. Give it back with `since` when joining again."]
    resync: Annotated[bool, "Too much was missed to be replayed: read the state over REST, and go on from `head`."]
    online: Annotated[list[UUID], "Members who have a socket open, oneself included."]


@example(code="NOT_FOUND", message="There is nothing here.")
@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvent(Event):
    """A frame was refused, and has changed nothing."""

    name: ClassVar[str] = "error"
    ref: ClassVar[Literal["never", "always", "if there was one"]] = "if there was one"
    code: Annotated[str, "As in the REST API.", OneOf(every_code)]
    message: Annotated[str, "A sentence for people."]
