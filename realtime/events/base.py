"""What every frame has in common, in both directions: its members on the wire, their schema, an example."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, TypeVar
from uuid import UUID

from hucares.encoding import encode
from realtime.events.members import Schema, members_of, object_schema

GREATEST_REF = 64  # characters

# Who and what the examples are about.
ALICE = UUID("3f0c8a52-6d1e-4b7a-9c35-0e8f7d2a4b61")
BOB = UUID("b7e1d94c-2a68-4f03-8d5b-61c9f0a3e728")
PORCH = UUID("5a92c6e0-84b3-4d17-a6f9-c03b5e7d1284")
CHECK_IN = UUID("0193b3a4-7c58-7e21-b6d4-9f80a1c2e357")
SUNDAY_EVENING = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The base of all that travels; a subclass's fields are its `data`, in camelCase on the wire.

    Where several have one `name`, `variant` tells them apart for people.
    """

    name: ClassVar[str]
    variant: ClassVar[str] = ""
    example: ClassVar[Message]

    def content(self) -> dict[str, Any]:
        """The `data` of its frame."""
        return {member.name: getattr(self, member.field) for member in members_of(type(self))}

    @classmethod
    def content_schema(cls) -> Schema:
        """The JSON Schema of `content()`."""
        return object_schema(members_of(cls))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Message):
    """The base of what the server sends. A durable one is in its group's log, and its frame has a number, `seq`."""

    durable: ClassVar[bool] = False
    ref: ClassVar[Literal["never", "always", "if there was one"]] = "never"  # whether it repeats that of the frame

    @classmethod
    def frame_schema(cls) -> Schema:
        """The JSON Schema of `frame()`."""
        schema = {"event": {"const": cls.name, "type": "string"}, "data": cls.content_schema()}
        if cls.durable:
            schema["seq"] = {"type": "integer", "minimum": 1, "description": "The event's number in its group's log."}
        if cls.ref != "never":
            schema["ref"] = {**ref_schema(), "description": "The ref of the frame that this answers."}
        required = [name for name in schema if name != "ref" or cls.ref == "always"]
        return {"type": "object", "properties": schema, "required": required}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Message):
    """The base of what a client sends. `answers` are what may come back, beside an error."""

    answers: ClassVar[tuple[type[Event], ...]]

    @classmethod
    def frame_schema(cls) -> Schema:
        """The JSON Schema of the client's frame. Members that nobody knows are ignored."""
        data = cls.content_schema()
        schema = {"event": {"const": cls.name, "type": "string"}, "data": data}
        schema["ref"] = {**ref_schema(), "description": "Asks for one ack or error that repeats it."}
        return {
            "type": "object",
            "properties": schema,
            "required": ["event", "data"] if "required" in data else ["event"],
        }


def ref_schema() -> Schema:
    """The JSON Schema of a `ref`."""
    return {"type": "string", "maxLength": GREATEST_REF}


EVENTS: list[type[Event]] = []
COMMANDS: dict[str, type[Command]] = {}
M = TypeVar("M", bound=Message)


def example(**values: Any) -> Callable[[type[M]], type[M]]:
    """Give the decorated type its example, and its place in the document."""

    def register(kind: type[M]) -> type[M]:
        kind.example = kind(**values)
        if issubclass(kind, Event):
            EVENTS.append(kind)
        elif issubclass(kind, Command):
            COMMANDS[kind.name] = kind
        return kind

    return register


def frame_of(message: Message, *, seq: int | None = None, ref: str | None = None) -> dict[str, Any]:
    """A frame before it is encoded; `seq` for durable events of a group, `ref` for answers."""
    document: dict[str, Any] = {"event": message.name, "data": message.content()}
    if seq is not None:
        document["seq"] = seq
    if ref is not None:
        document["ref"] = ref
    return document


def frame(event: Event, *, seq: int | None = None, ref: str | None = None) -> str:
    """The text of a frame."""
    return encode(frame_of(event, seq=seq, ref=ref)).decode()
