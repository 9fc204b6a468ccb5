"""The consumer behind `/ws`: one instance per socket.

It answers the client's frames, takes messages from the channel layer, and keeps, per joined group, the number of the
last event sent: the next one is sent, an older one dropped, and before a later one the gap is read from the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from django.conf import settings
from django.db import InterfaceError, OperationalError

from accounts.errors import NotAuthenticated, TokenInvalid
from accounts.models import Session
from accounts.sessions import Device
from hucares.errors import DomainError, InternalError, NotFound, ServiceUnavailable
from realtime import connection
from realtime.channel_names import group_channel, user_channel
from realtime.events import (
    Ack,
    AuthenticateCommand,
    Command,
    ErrorEvent,
    Event,
    Heartbeat,
    HeartbeatCommand,
    JoinGroupAck,
    JoinGroupCommand,
    LeaveGroupCommand,
    Ready,
    frame,
)
from realtime.frames import Frame, read_command, read_frame
from realtime.models import UserSession
from realtime.telling import EVERYBODY, Told

logger = logging.getLogger(__name__)

SUBPROTOCOL = "hucares.v1"
UNAUTHENTICATED = 4401
SILENT = 4408

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class SocketConsumer(AsyncConsumer):  # type: ignore[misc]
    """One socket of one person."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.socket: UserSession | None = None
        self.subscribed: set[UUID] = set()  # groups whose news reaches this channel
        self.heads: dict[UUID, int] = {}  # of those, the joined ones: the number of the last event sent
        self.watcher: asyncio.Task[None] | None = None
        self.closing = False

    # --- The life of the socket ---

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
        """Open; the client has a few seconds to say who it is."""
        offered = self.scope.get("subprotocols", [])
        self.now = asyncio.get_running_loop().time
        self.authenticate_by = self.now() + settings.SOCKET_AUTHENTICATION_SECONDS
        self.heard_at = self.now()
        chosen = SUBPROTOCOL if SUBPROTOCOL in offered else None
        await self.base_send({"type": "websocket.accept", "subprotocol": chosen})
        self.watcher = asyncio.create_task(self.watch())

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        """The socket is gone."""
        raise StopConsumer

    async def clean_up(self) -> None:
        """Leave every group and stamp the socket's row, however the socket ended."""
        self.closing = True
        if self.watcher is not None:
            self.watcher.cancel()
        for group_id in list(self.subscribed):
            await self.forget_group(group_id)
        if self.session is not None:
            await self.channel_layer.group_discard(user_channel(self.session.user_id), self.channel_name)
        if self.socket is not None:
            await connection.close_socket(self.socket)

    async def watch(self) -> None:
        """Close the socket when it is late with its credentials, silent, or its token has expired."""
        while not self.closing:
            code, due = self.next_deadline()
            wait = due - self.now()
            if wait <= 0:
                await self.close(code)
            else:
                await asyncio.sleep(wait)

    def next_deadline(self) -> tuple[int, float]:
        """(close code, time on the loop's clock) of what will end this socket first."""
        silence = (SILENT, self.heard_at + settings.SOCKET_SILENCE_SECONDS)
        return min(silence, (UNAUTHENTICATED, self.authenticate_by), key=lambda deadline: deadline[1])

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

    # --- What the client sends ---

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """One frame: carried out and, where it carries a `ref`, answered; or refused with an error."""
        self.heard_at = self.now()
        received: Frame | None = None
        try:
            received = read_frame(message.get("text"))
            answer = await self.carry_out(received)
        except DomainError as error:
            await self.refuse(error, received)
        except OSError:
            raise
        except (OperationalError, InterfaceError):
            logger.exception("the database is away")
            await self.refuse(ServiceUnavailable(), received)
        except Exception:
            logger.exception("a frame could not be carried out")
            await self.refuse(InternalError(), received)
        else:
            if received.ref is not None:
                await self.tell(answer or Ack(), received.ref)

    async def carry_out(self, received: Frame) -> Ack | None:
        """Call the method that a frame's event names. Raises what is wrong with the frame."""
        if self.session is None and received.event != AuthenticateCommand.name:
            raise NotAuthenticated
        asked = read_command(received)
        method: Callable[[Command], Awaitable[Ack | None]] = getattr(self, asked.name.replace("-", "_"))
        return await method(asked)

    async def refuse(self, error: DomainError, received: Frame | None) -> None:
        """Tell what is wrong; bad credentials, and ones that are good no more, end the socket."""
        ref = received.ref if received else getattr(error, "ref", None)
        await self.tell(ErrorEvent(code=error.code, message=error.message), ref)
        is_authenticating = received is not None and received.event == AuthenticateCommand.name
        if error.status == 401 and received is not None and (self.session or is_authenticating):
            await self.close(UNAUTHENTICATED)

    async def authenticate(self, asked: AuthenticateCommand) -> None:
        """Say who one is; again before the token expires, with a newer token of the same session."""
        self.authenticate_by = self.now() + settings.SOCKET_AUTHENTICATION_SECONDS  # now it is the server that works
        claims, session = await connection.authenticate(asked.access_token)
        if self.session is not None and session.pk != self.session.pk:
            raise TokenInvalid
        self.session = session
        expires_at = datetime.fromtimestamp(claims.expires_at, UTC)
        self.authenticate_by = self.now() + (expires_at - datetime.now(UTC)).total_seconds()
        if self.socket is None:
            await self.channel_layer.group_add(user_channel(session.user_id), self.channel_name)
            self.socket = await connection.open_socket(session, self.channel_name, self.device())
        unread = await connection.count_unread(session.user)
        await self.tell(
            Ready(
                connection_id=self.socket.pk,
                user_id=session.user_id,
                heartbeat_interval=settings.SOCKET_HEARTBEAT_SECONDS,
                token_expires_at=expires_at,
                unread_count=unread,
            )
        )

    async def join_group(self, asked: JoinGroupCommand) -> JoinGroupAck:
        """Hear a group's events from now on, and first those missed since `since`."""
        assert self.session is not None
        group_id = asked.group_id
        # Subscribed first: an event that is published while the log is read waits in the channel's queue.
        self.subscribed.add(group_id)
        await self.channel_layer.group_add(group_channel(group_id), self.channel_name)
        try:
            joined = await connection.join(self.session.user, group_id, asked.since, asked.epoch)
        except DomainError as error:
            # A refusal must not end an earlier, good join.
            if group_id not in self.heads or isinstance(error, NotFound):
                await self.forget_group(group_id)
            raise
        await self.send_events(joined.missed)
        self.heads[group_id] = joined.head
        return JoinGroupAck(
            group_id=group_id, head=joined.head, epoch=joined.epoch, resync=joined.resync, online=joined.online
        )

    async def leave_group(self, asked: LeaveGroupCommand) -> None:
        """Hear nothing more of a group; leaving one that was not joined changes nothing."""
        await self.forget_group(asked.group_id)

    async def heartbeat(self, asked: HeartbeatCommand) -> None:
        """Say that one is there; events that were missed come before the answer."""
        assert self.session is not None and self.socket is not None
        now, unread, behind = await connection.heartbeat(self.session, self.socket, self.heads)
        for group_id in behind:
            await self.catch_up(group_id)
        await self.tell(Heartbeat(server_time=now, unread_count=unread))

    # --- What the channel layer brings ---

    async def group_event(self, message: dict[str, Any]) -> None:
        """An event of a joined group: sent if it is the next one, after the gap if it is a later one."""
        group_id, seq = UUID(message["group_id"]), message["seq"]
        last = self.heads.get(group_id)
        if last is None or seq <= last:
            return
        if seq > last + 1:
            await self.catch_up(group_id)
            return
        self.heads[group_id] = seq
        is_author = message["author_id"] == self.user_id
        await self.send_text(message["author_text"] if is_author else message["text"])
        if message["ends_for"] in {self.user_id, EVERYBODY}:
            await self.forget_group(group_id)

    async def user_frame(self, message: dict[str, Any]) -> None:
        """Something for this person alone."""
        await self.send_text(message["text"])

    async def sessions_ended(self, message: dict[str, Any]) -> None:
        """Sign-in sessions have ended; if this socket's is among them, so does the socket."""
        if self.session is not None and str(self.session.pk) in message["session_ids"]:
            await self.close(UNAUTHENTICATED)

    # --- Helpers ---

    @property
    def user_id(self) -> str:
        """Whose socket this is, once it is known; the empty text before."""
        return str(self.session.user_id) if self.session else ""

    async def catch_up(self, group_id: UUID) -> None:
        """Send what the log has after the last event sent; a group that one is no longer in is forgotten."""
        assert self.session is not None
        try:
            missed = await connection.missed_events(self.session.user, group_id, self.heads[group_id])
        except NotFound:
            await self.forget_group(group_id)
            return
        await self.send_events(missed)
        if missed and missed[-1].is_last_for(self.session.user_id):
            await self.forget_group(group_id)

    async def send_events(self, events: list[Told]) -> None:
        """Send events of a group, in order, and remember the last one."""
        assert self.session is not None
        for event in events:
            await self.send_text(event.text_for(self.session.user_id))
            self.heads[event.group_id] = event.seq

    async def forget_group(self, group_id: UUID) -> None:
        """Take no more events of a group."""
        self.heads.pop(group_id, None)
        self.subscribed.discard(group_id)
        await self.channel_layer.group_discard(group_channel(group_id), self.channel_name)

    def device(self) -> Device:
        """Where this socket comes from."""
        headers = dict(self.scope.get("headers", []))
        client = self.scope.get("client")
        return Device(headers.get(b"user-agent", b"").decode("latin-1"), client[0] if client else None)
