"""uvicorn's WebSockets, with a way to hand a text over at once, and safe from clients that take nothing."""

from __future__ import annotations

import asyncio
import functools
from typing import Any, Protocol

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request

EXTENSION = "hucares.socket"  # its name among a scope's extensions
FRAMES_REMEMBERED = 64  # a text for a whole group is encoded once, not for each of its sockets


class PromptSocket(Protocol):
    """What the extension offers to the application, beside ASGI's `send`."""

    def can_write(self) -> bool:
        """Whether the client takes what is sent to it: ASGI's `send` would not have to wait."""

    def write_text(self, text: str) -> None:
        """Send a text now. Only right after `can_write`, and while no `send` is under way."""

    def abort(self) -> None:
        """Cut the connection off; what the client has not taken is lost."""


@functools.lru_cache(FRAMES_REMEMBERED)
def text_frame(text: str) -> bytes:
    """A text as an unmasked, uncompressed frame."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


class OneReaderQueue:
    """What uvicorn needs of `asyncio.Queue`, for one reader: 3 KiB less for each connection."""

    __slots__ = ("items", "reader")

    def __init__(self) -> None:
        self.items: list[ASGIReceiveEvent] = []
        self.reader: asyncio.Future[None] | None = None

    def put_nowait(self, item: ASGIReceiveEvent) -> None:
        """Add something, and wake the reader."""
        self.items.append(item)
        if self.reader is not None and not self.reader.done():
            self.reader.set_result(None)

    def empty(self) -> bool:
        """Whether there is nothing to read."""
        return not self.items

    async def get(self) -> ASGIReceiveEvent:
        """The next thing, once it is there."""
        while not self.items:
            self.reader = asyncio.get_running_loop().create_future()
            try:
                await self.reader
            finally:
                self.reader = None
        return self.items.pop(0)


class PromptSocketProtocol(WebSocketsSansIOProtocol):
    """Offers itself to the application as a `PromptSocket`.

    For the same text to many sockets this costs a fraction of ASGI's `send`: no coroutine, no frame of its own. And it
    keeps little: of a thousand connections most are idle.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue = OneReaderQueue()  # type: ignore[assignment]

    def handle_connect(self, event: Request) -> None:
        """The handshake; the application has not begun to run yet when this returns."""
        super().handle_connect(event)
        if self.response.status_code == 101 and not self.conn.extensions:
            extensions: dict[str, object] = self.scope["extensions"]  # type: ignore[assignment]  # ASGI knows only its own
            extensions[EXTENSION] = self

    def can_write(self) -> bool:
        """Whether the socket is open and the client takes what is sent to it."""
        return (
            self.writable.is_set()
            and self.handshake_complete
            and not (self.close_sent or self.disconnected or self.transport.is_closing())
        )

    def write_text(self, text: str) -> None:
        """Send a text now."""
        self.transport.write(text_frame(text))

    def abort(self) -> None:
        """Cut the connection off."""
        self.transport.abort()

    async def send(self, message: ASGISendEvent) -> None:
        """ASGI's `send`. To a socket that the server has closed by itself it is the client who is gone."""
        if self.close_sent and self.handshake_complete:
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.accept":
            del self.request, self.response  # of no more use, and 2 KiB

    def handle_ping(self) -> None:
        """A pong; but a client that takes nothing must not fill the memory with them."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.abort()

    def shutdown(self) -> None:
        """The server ends. A connection that is closing already cannot be told, and must not keep others from it."""
        try:
            super().shutdown()
        except InvalidState:
            self.transport.close()
