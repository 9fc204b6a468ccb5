"""The life of a socket: it opens, is given time to say who it is, and ends by any of several deadlines."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from django.conf import settings

from accounts.models import Session
from accounts.sessions import Device
from realtime import connection, strangers
from realtime.caretaker import caretaker
from realtime.events import Event, frame
from realtime.limits import Allowance
from realtime.models import UserSession

logger = logging.getLogger(__name__)

SUBPROTOCOL = "hucares.v1"
GOING_AWAY = 1012
UNAUTHENTICATED = 4401
SILENT = 4408
TOO_MANY = 4429

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class SocketLife(AsyncConsumer):  # type: ignore[misc]
    """One socket, from its opening to its end."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.socket: UserSession | None = None
        self.watcher: asyncio.Task[None] | None = None
        self.closing = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run until the socket is gone, and clean up behind it whatever happened."""
        try:
            await super().__call__(scope, receive, send)
        except OSError:
            logger.debug("a client went away while it was being written to")
        finally:
            await self.clean_up()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Call the method that a message's type names. Threads clean up after themselves, so nothing is done here."""
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        """Open; the client has a few seconds to say who it is, unless too many of its address are doing so."""
        offered = self.scope.get("subprotocols", [])
        self.now = asyncio.get_running_loop().time
        self.opened_at = self.heard_at = self.now()
        self.authenticate_by = self.now() + settings.SOCKET_AUTHENTICATION_SECONDS
        self.allowance = Allowance(self.now())
        chosen = SUBPROTOCOL if SUBPROTOCOL in offered else None
        await self.base_send({"type": "websocket.accept", "subprotocol": chosen})
        self.watcher = asyncio.create_task(self.watch())
        if not await strangers.admit(self.address, self.channel_name):
            await self.close(TOO_MANY)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        """The socket is gone."""
        raise StopConsumer

    async def clean_up(self) -> None:
        """Stamp the socket's row, however the socket ended."""
        self.closing = True
        if self.watcher is not None:
            self.watcher.cancel()
        await strangers.release(self.address, self.channel_name)
        try:
            if self.socket is not None:
                await connection.close_socket(self.socket)
        finally:
            caretaker.leave(self)

    async def watch(self) -> None:
        """Close the socket when its time has come."""
        while not self.closing:
            code, due = self.next_deadline()
            wait = due - self.now()
            if wait <= 0:
                await self.close(code)
            else:
                await asyncio.sleep(wait)

    def next_deadline(self) -> tuple[int, float]:
        """(close code, time on the loop's clock) of what will end this socket first.

        That is being late with its credentials or with newer ones, being silent, or having lived for long enough.
        """
        deadlines = [
            (SILENT, self.heard_at + settings.SOCKET_SILENCE_SECONDS),
            (UNAUTHENTICATED, self.authenticate_by),
            (GOING_AWAY, self.opened_at + settings.SOCKET_LIFETIME_SECONDS),
        ]
        return min(deadlines, key=lambda deadline: deadline[1])

    async def close(self, code: int) -> None:
        """Close with a code, once; nothing is sent after it."""
        if not self.closing:
            self.closing = True
            await self.base_send({"type": "websocket.close", "code": code})

    async def tell(self, event: Event, ref: str | None = None) -> None:
        """Send one event to this client."""
        await self.send_text(frame(event, ref=ref))

    async def send_text(self, text: str) -> None:
        """Send a frame that is encoded already."""
        if not self.closing:
            await self.base_send({"type": "websocket.send", "text": text})

    async def session_has_ended(self) -> None:
        """The sign-in session of this socket is no longer live."""
        await self.close(UNAUTHENTICATED)

    @property
    def user_id(self) -> str:
        """Whose socket this is, once it is known; the empty text before."""
        return str(self.session.user_id) if self.session else ""

    @property
    def address(self) -> str:
        """Where this socket comes from; the empty text where that is not known."""
        client = self.scope.get("client")
        return client[0] if client else ""

    def device(self) -> Device:
        """The same, as it is kept."""
        headers = dict(self.scope.get("headers", []))
        return Device(headers.get(b"user-agent", b"").decode("latin-1"), self.address or None)
