"""The id that one request has in its response, its errors and the logs, and in what is done later because of it."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import Iterator
from contextvars import ContextVar

ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
LONGEST = 64
_current: ContextVar[str] = ContextVar("request_id", default="")


def request_id_from(value: str | None) -> str:
    """The id that the client or a proxy gave, if it is 8 to 64 harmless characters; else a new random one."""
    if value and ACCEPTED.fullmatch(value):
        return value
    return uuid.uuid4().hex


def current_request_id() -> str:
    """The id of the request that is being worked on, or of the one that is the reason; else the empty text."""
    return _current.get()


@contextlib.contextmanager
def because_of(request_id: str) -> Iterator[None]:
    """What happens inside happens because of this request."""
    token = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(token)
