"""Frames that clients send: read them, and refuse what is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

import orjson

from hucares.errors import DomainError, ValidationFailed
from realtime.events import COMMANDS, Command
from realtime.events.base import GREATEST_REF
from realtime.events.members import Bounds, Member, members_of

GREATEST_FRAME = 16 * 1024  # bytes


class FrameTooLarge(DomainError):
    """A frame over 16 KiB."""

    status = 413
    code = "PAYLOAD_TOO_LARGE"
    message = "A frame may have at most 16 KiB."


class BadFrame(ValidationFailed):
    """Something that is no frame, but carries a `ref` to answer to (or None)."""

    message = "event must be a text, and data an object."

    def __init__(self, ref: str | None) -> None:
        self.ref = ref
        super().__init__()


@dataclass(frozen=True, slots=True)
class Frame:
    """What a client sent: an event's name, its data, and perhaps a `ref` to answer to."""

    event: str
    data: dict[str, Any]
    ref: str | None


def refuse(name: str) -> NoReturn:
    """Raises `ValidationFailed`, naming the member of `data` that is missing or of the wrong kind."""
    raise ValidationFailed(f"data.{name} is missing or of the wrong kind.")


def read_frame(text: str | None) -> Frame:
    """A frame from its text (None for a binary one). Raises `ValidationFailed` or `FrameTooLarge`."""
    if text is None:
        raise ValidationFailed("A frame must be text.")
    if len(text) > GREATEST_FRAME or len(text.encode("utf-8", "surrogatepass")) > GREATEST_FRAME:
        raise FrameTooLarge
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValidationFailed("The frame could not be read as JSON.") from error
    if not isinstance(document, dict):
        raise ValidationFailed('A frame must look like {"event": "…", "data": {…}}.')
    ref = document.get("ref")
    if not (ref is None or (isinstance(ref, str) and len(ref) <= GREATEST_REF)):
        raise ValidationFailed(f"ref must be a text of at most {GREATEST_REF} characters.")
    event, data = document.get("event"), document.get("data", {})
    if not isinstance(event, str) or not isinstance(data, dict):
        raise BadFrame(ref)
    return Frame(event, data, ref)


def read_command(received: Frame) -> Command:
    """What a frame asks for. Raises `ValidationFailed`."""
    kind = COMMANDS.get(received.event)
    if kind is None:
        raise ValidationFailed(f"There is no event {received.event[:40]!r}.")
    return kind(**{member.field: read_member(member, received.data.get(member.name)) for member in members_of(kind)})


def read_member(member: Member, value: Any) -> Any:
    """A member of `data`, or None for an optional one that is missing. Raises `ValidationFailed`."""
    if value is None and member.nullable:
        return None
    try:
        read = READERS[member.kind](value)
    except ValueError:
        refuse(member.name)
    bounds = member.remark(Bounds)
    return read if bounds is None or bounds.least <= read <= bounds.most else refuse(member.name)


def exactly(kind: type) -> Callable[[Any], Any]:
    """Reads values that are of this type already. To Python true is a number, to a client it is none."""

    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise ValueError
        return value

    return read


def read_uuid(value: Any) -> UUID:
    """A UUID from its text. Raises `ValueError`."""
    return UUID(exactly(str)(value))


READERS: dict[Any, Callable[[Any], Any]] = {
    str: exactly(str),
    int: exactly(int),
    bool: exactly(bool),
    UUID: read_uuid,
}


def ref_in(text: str | None) -> str | None:
    """The `ref` under which a frame is answered that is not carried out; None if it has none that can be read."""
    try:
        return read_frame(text).ref
    except BadFrame as error:
        return error.ref
    except DomainError:
        return None
