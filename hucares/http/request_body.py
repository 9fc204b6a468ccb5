"""Reads a request's body in the event loop, bounded in size, time and memory: no thread ever waits for it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

from hucares.http.asgi_types import Headers, Receive
from hucares.http.refusals import BodyTooLarge, BodyTooSlow, ClientGone, MalformedLength, ServerFull
from hucares.http.request_scope import header_values

CONTENT_LENGTH = re.compile(r"[0-9]{1,18}")
DISCARD_LIMIT = 16 * 1024 * 1024  # bytes of a body that is too large which are read before the answer


@dataclass
class BodyMemory:
    """Bytes that all bodies of a process may take up together, and how many they do right now."""

    limit: int
    used: int = 0


@dataclass
class RequestBody:
    """One body. Use it as a context manager: its bytes count against `memory` until it is left."""

    memory: BodyMemory
    limit: int  # bytes
    timeout: float  # seconds for the whole body
    content: bytearray = field(default_factory=bytearray)
    too_large: bool = False

    def __enter__(self) -> RequestBody:
        return self

    def __exit__(self, *_: object) -> None:
        self.memory.used -= len(self.content)
        self.content = bytearray()

    async def read(self, headers: Headers, receive: Receive) -> None:
        """Fills `content`. Raises `Refused` or `ClientGone`.

        A body that is too large is read on and thrown away, within the time and up to `DISCARD_LIMIT`:
        closing a connection on which the client still sends would reset it before the answer is read.
        """
        self.too_large = declared_length(headers) > self.limit
        if self.too_large and _waits_to_be_asked(headers):
            raise BodyTooLarge
        try:
            async with asyncio.timeout(self.timeout):
                await self._collect(receive)
        except TimeoutError:
            if not self.too_large:
                raise BodyTooSlow from None
        if self.too_large:
            raise BodyTooLarge

    async def _collect(self, receive: Receive) -> None:
        more, discarded = True, 0
        while more and discarded < DISCARD_LIMIT:
            chunk, more = await _next_chunk(receive)
            self.too_large = self.too_large or len(self.content) + len(chunk) > self.limit
            if self.too_large:
                discarded += len(chunk)
                continue
            if self.memory.used + len(chunk) > self.memory.limit:
                raise ServerFull
            self.content += chunk
            self.memory.used += len(chunk)


def declared_length(headers: Headers) -> int:
    """The Content-Length in bytes, 0 where there is none. Raises `MalformedLength` if it is no number."""
    values = set(header_values(headers, b"content-length")) or {"0"}
    if len(values) > 1 or not CONTENT_LENGTH.fullmatch(next(iter(values))):
        raise MalformedLength
    return int(values.pop())


async def _next_chunk(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    return message.get("body", b""), message.get("more_body", False)


def _waits_to_be_asked(headers: Headers) -> bool:
    return "100-continue" in (value.lower() for value in header_values(headers, b"expect"))
