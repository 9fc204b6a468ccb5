"""Frames that clients send: read them, and refuse what is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

import orjson

from hucares.errors import DomainError, ValidationFailed

GREATEST_FRAME = 16 * 1024  # bytes
GREATEST_REF = 64  # characters


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

    def uuid(self, name: str) -> UUID:
        """A member of `data` that must be a UUID. Raises `ValidationFailed`."""
        try:
            return UUID(self.text(name))
        except ValueError:
            refuse(name)

    def text(self, name: str) -> str:
        """A member of `data` that must be a text. Raises `ValidationFailed`."""
        value = self.data.get(name)
        return value if isinstance(value, str) else refuse(name)

    def flag(self, name: str) -> bool:
        """A member of `data` that must be true or false. Raises `ValidationFailed`."""
        value = self.data.get(name)
        return value if isinstance(value, bool) else refuse(name)

    def optional_text(self, name: str) -> str | None:
        """A text, or None when it is missing. Raises `ValidationFailed`."""
        return None if self.data.get(name) is None else self.text(name)

    def optional_count(self, name: str) -> int | None:
        """A whole number from 0, or None when it is missing. Raises `ValidationFailed`."""
        value = self.data.get(name)
        if value is None or (type(value) is int and 0 <= value < 2**63):
            return value
        return refuse(name)


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
        raise ValidationFailed("ref must be a text of at most 64 characters.")
    event, data = document.get("event"), document.get("data", {})
    if not isinstance(event, str) or not isinstance(data, dict):
        raise BadFrame(ref)
    return Frame(event, data, ref)


def ref_in(text: str | None) -> str | None:
    """The `ref` under which a frame is answered that is not carried out; None if it has none that can be read."""
    try:
        return read_frame(text).ref
    except BadFrame as error:
        return error.ref
    except DomainError:
        return None
