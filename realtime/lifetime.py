"""The life of a socket: it opens, is given time to say who it is, and ends by any of several deadlines."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from channels.consumer import AsyncConsumer
from channels.layers import get_channel_layer
from django.conf import settings

from accounts.sessions import Device
from hucares.http.asgi_types import Scope
from hucares.http.request_scope import request_id_of
from hucares.http.socket_protocol import EXTENSION, PromptSocket
from hucares.request_id import because_of
from realtime import connection, strangers
from realtime.caretaker import caretaker
from realtime.connection import SignIn
from realtime.events import Event, frame
from realtime.limits import Allowance
from realtime.local_layer import Message
from realtime.metrics import FRAMES_SENT, SOCKETS_OPEN

logger = logging.getLogger(__name__)

SUBPROTOCOL = "hucares.v1"
GOING_AWAY = 1012
UNAUTHENTICATED = 4401
SILENT = 4408
TOO_MANY = 4429
CLOSING_SECONDS = 10.0  # how long a client has to take its last frames and the closing one

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class SocketLife(AsyncConsumer):  # type: ignore[misc]
    """One socket, from its opening to its end."""

    def __init__(self) -> None:
        self.sign_in: SignIn | None = None
        self.user_id = ""  # whose socket this is, once it is known
        self.row_id: UUID | None = None  # in `user_sessions`
        self.alarm: asyncio.TimerHandle | None = None
        self.ending: asyncio.Task[None] | None = None
        self.closing = False
        self.is_counted = False
        self.code = 0  # that it closes with; 0 as long as nobody has said one

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run until the socket is gone, and clean up behind it whatever happened."""
        self.scope, self.base_send = scope, send
        self.prompt: PromptSocket | None = scope.get("extensions", {}).get(EXTENSION)  # only our own server has it
        self.loop = asyncio.get_running_loop()
        self.now = self.loop.time
        self.channel_layer = get_channel_layer()
        self.channel_name = await self.channel_layer.new_channel()
        with because_of(request_id_of(self.scope)):
            try:
                await self.live(receive)
            except OSError:
                logger.debug("a client went away while it was being written to")
            finally:
                self.closing = True
                self.cut_off_later()
                await self.clean_up()

    async def live(self, receive: Receive) -> None:
        """Take what the client sends, one thing after the other, until it is gone."""
        while (message := await receive())["type"] != "websocket.disconnect":
            if message["type"] == "websocket.connect":
                await self.open()
            else:
                await self.hear(message.get("text"))
        self.code = self.code or message.get("code", 0)

    async def hear(self, text: str | None) -> None:
        """Do what a frame asks for; None is a binary one."""
        raise NotImplementedError

    async def open(self) -> None:
        """Open; the client has a few seconds to say who it is, unless too many of its address are doing so."""
        offered = self.scope.get("subprotocols", [])
        self.opened_at = self.heard_at = self.now()
        self.authenticate_by = self.now() + settings.SOCKET_AUTHENTICATION_SECONDS
        self.allowance = Allowance(self.now())
        chosen = SUBPROTOCOL if SUBPROTOCOL in offered else None
        SOCKETS_OPEN.inc()
        self.is_counted = True
        await self.base_send({"type": "websocket.accept", "subprotocol": chosen})
        self.mind_the_time()
        if not await strangers.admit(self.address, self.channel_name):
            self.end(TOO_MANY)

    async def clean_up(self) -> None:
        """Leave nothing behind, however the socket ended. A step that fails does not keep the others from it."""
        for step in self.last_steps():
            try:
                await step()
            except Exception:
                logger.exception("something of a socket was left behind")
        caretaker.leave(self)

    def last_steps(self) -> list[Callable[[], Awaitable[None]]]:
        """What is to be done when a socket is gone, in order."""
        return [self.be_forgotten, self.be_no_stranger, self.stamp_row]

    async def be_forgotten(self) -> None:
        """Nobody minds the time of this socket any more, or counts it."""
        if self.alarm is not None:
            self.alarm.cancel()
        if self.is_counted:
            SOCKETS_OPEN.dec()
            seconds = self.now() - self.opened_at
            about = {"user_id": self.user_id, "code": self.code, "duration_ms": round(seconds * 1000)}
            logger.info("A socket has closed.", extra={"about": about})

    async def be_no_stranger(self) -> None:
        """One less waits for its credentials, if it still did."""
        await strangers.release(self.address, self.channel_name)

    async def stamp_row(self) -> None:
        """The socket's row says when it closed."""
        if self.row_id is not None:
            await connection.close_socket(self.row_id)

    def mind_the_time(self) -> None:
        """Close the socket if its time has come; else look again when it may have."""
        code, due = self.next_deadline()
        if self.closing:
            return
        if due <= self.now():
            self.end(code)
        else:
            self.alarm = self.loop.call_at(due, self.mind_the_time)

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

    def end(self, code: int) -> None:
        """Close with a code, once; from now on nothing else is sent."""
        if not self.closing:
            self.closing, self.code = True, code
            self.cut_off_later()
            self.ending = self.loop.create_task(self.say_goodbye(code))

    async def say_goodbye(self, code: int) -> None:
        """Send the closing frame, unless the client has gone."""
        with contextlib.suppress(OSError):
            await self.base_send({"type": "websocket.close", "code": code})

    def cut_off_later(self) -> None:
        """A client that does not take its last frames would keep the connection, and what waits in it, for ever."""
        if self.prompt is not None:
            self.loop.call_later(CLOSING_SECONDS, self.prompt.abort)

    async def tell(self, event: Event, ref: str | None = None) -> None:
        """Send one event to this client."""
        await self.send_text(frame(event, ref=ref))

    async def send_text(self, text: str) -> None:
        """Send a frame that is encoded already, when the client has taken enough of those before it."""
        if not self.closing:
            await self.base_send({"type": "websocket.send", "text": text})
            FRAMES_SENT.inc()

    async def session_has_ended(self) -> None:
        """The sign-in session of this socket is no longer live."""
        self.end(UNAUTHENTICATED)

    @property
    def address(self) -> str:
        """Where this socket comes from; the empty text where that is not known."""
        client = self.scope.get("client")
        return client[0] if client else ""

    def device(self) -> Device:
        """The same, as it is kept."""
        headers = dict(self.scope.get("headers", []))
        return Device(headers.get(b"user-agent", b"").decode("latin-1"), self.address or None)
