"""The consumer behind `/ws`, one instance per socket: what clients send, and how it is answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError

from accounts.errors import NotAuthenticated, SessionRevoked, TokenInvalid
from hucares.errors import DomainError, InternalError, NotFound, ServiceUnavailable
from realtime import connection, messages, strangers
from realtime.caretaker import caretaker
from realtime.channel_names import group_channel, user_channel
from realtime.connection import SignIn
from realtime.events import (
    Ack,
    AuthenticateCommand,
    Command,
    ErrorEvent,
    Heartbeat,
    HeartbeatCommand,
    JoinGroupAck,
    JoinGroupCommand,
    LeaveGroupCommand,
    Ready,
    UserTypingCommand,
)
from realtime.frames import Frame, read_command, read_frame, ref_in
from realtime.heartbeats import heartbeats
from realtime.lifetime import TOO_MANY, UNAUTHENTICATED
from realtime.limits import TooManyFrames, TooManySockets
from realtime.metrics import FRAMES_RECEIVED
from realtime.news import SocketNews
from realtime.publish import publish
from realtime.typists import Typist

logger = logging.getLogger(__name__)


class SocketConsumer(SocketNews):
    """One socket of one person."""

    def __init__(self) -> None:
        super().__init__()
        self.typist = Typist(self.tell_typing)

    def last_steps(self) -> list[Callable[[], Awaitable[None]]]:
        """What is to be done when a socket is gone: it hears no more of what concerns the person."""
        return [*super().last_steps(), self.leave_person]

    async def leave_person(self) -> None:
        """Hear no more of what concerns the person."""
        if self.sign_in is not None:
            await self.channel_layer.group_discard(user_channel(self.sign_in.user_id), self.channel_name)

    async def hear(self, text: str | None) -> None:
        """One frame, when it has the turn."""
        FRAMES_RECEIVED.inc()
        async with self.turn:
            if not self.closing:
                self.heard_at = self.now()
                await self.answer(text)
            await self.work_off()

    async def answer(self, text: str | None) -> None:
        """One frame: carried out and, where it carries a `ref`, answered; or refused with an error."""
        received: Frame | None = None
        try:
            received = self.read(text)
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

    def read(self, text: str | None) -> Frame:
        """A frame, if the client may send one more. Raises `TooManyFrames`, and what is wrong with the frame."""
        if not self.allowance.spend(self.now()):
            raise TooManyFrames(ref_in(text))
        return read_frame(text)

    async def carry_out(self, received: Frame) -> Ack | None:
        """Call the method that a frame's event names. Raises what is wrong with the frame."""
        if self.sign_in is None and received.event != AuthenticateCommand.name:
            raise NotAuthenticated
        asked = read_command(received)
        method: Callable[[Command], Awaitable[Ack | None]] = getattr(self, asked.name.replace("-", "_"))
        return await method(asked)

    async def refuse(self, error: DomainError, received: Frame | None) -> None:
        """Tell what is wrong; bad credentials, and ones that are good no more, end the socket, and so does too much."""
        ref = received.ref if received else getattr(error, "ref", None)
        await self.tell(ErrorEvent(code=error.code, message=error.message), ref)
        if isinstance(error, TooManySockets) or self.allowance.is_abused(self.now()):
            self.end(TOO_MANY)
        is_authenticating = received is not None and received.event == AuthenticateCommand.name
        if error.status == 401 and received is not None and (self.sign_in or is_authenticating):
            self.end(UNAUTHENTICATED)

    async def authenticate(self, asked: AuthenticateCommand) -> None:
        """Say who one is; again before the token expires, with a newer token of the same session."""
        # Now it is the server that works; it gives itself no less time than the client still had.
        self.authenticate_by = max(self.authenticate_by, self.now() + settings.SOCKET_AUTHENTICATION_SECONDS)
        sign_in, expires_at = await connection.authenticate(asked.access_token)
        if self.sign_in not in (None, sign_in):
            raise TokenInvalid
        if self.row_id is None:
            self.row_id = await self.enter(sign_in)
        self.sign_in, self.user_id = sign_in, str(sign_in.user_id)
        if str(sign_in.session_id) in self.ended:
            raise SessionRevoked
        self.authenticate_by = self.now() + (expires_at - datetime.now(UTC)).total_seconds()
        unread = await connection.count_unread(sign_in.user_id)
        await self.tell(
            Ready(
                connection_id=self.row_id,
                user_id=sign_in.user_id,
                heartbeat_interval=settings.SOCKET_HEARTBEAT_SECONDS,
                token_expires_at=expires_at,
                unread_count=unread,
            )
        )

    async def enter(self, sign_in: SignIn) -> UUID:
        """Be no stranger any more: hear what concerns this person, and have a row."""
        await self.channel_layer.group_add(user_channel(sign_in.user_id), self.channel_name)
        try:
            row_id = await connection.open_socket(sign_in, self.channel_name, self.device())
        except BaseException:
            await self.channel_layer.group_discard(user_channel(sign_in.user_id), self.channel_name)
            raise
        await strangers.release(self.address, self.channel_name)
        caretaker.attend(self)
        logger.info("A socket has signed in.", extra={"about": {"user_id": str(sign_in.user_id)}})
        return row_id

    async def join_group(self, asked: JoinGroupCommand) -> JoinGroupAck:
        """Hear a group's events from now on, and first those missed since `since`."""
        assert self.sign_in is not None
        group_id = asked.group_id
        # Subscribed first: an event that is published while the log is read waits for its turn.
        self.subscribed.add(group_id)
        await self.channel_layer.group_add(group_channel(group_id), self.channel_name)
        try:
            joined = await connection.join(self.sign_in.user, group_id, asked.since, asked.epoch)
        except Exception as error:
            if isinstance(error, NotFound):
                await self.catch_up(str(group_id))  # to what ended an earlier join, which comes before the refusal
            if self.following(group_id) is None:  # else the earlier join was a good one, and goes on
                await self.forget_group(group_id)
            raise
        await self.send_events(joined.missed)
        self.follow(group_id, joined.head, joined.epoch)
        return JoinGroupAck(
            group_id=group_id, head=joined.head, epoch=joined.epoch, resync=joined.resync, online=joined.online
        )

    async def leave_group(self, asked: LeaveGroupCommand) -> None:
        """Hear nothing more of a group; leaving one that was not joined changes nothing."""
        await self.typist.stop(asked.group_id)
        await self.forget_group(asked.group_id)

    async def user_typing(self, asked: UserTypingCommand) -> None:
        """Tell the others in a joined group that one types, or has stopped."""
        if self.following(asked.group_id) is None:
            raise NotFound("This socket has not joined such a group.")
        await self.typist.say(asked.group_id, asked.is_typing)

    async def heartbeat(self, asked: HeartbeatCommand) -> None:
        """Say that one is there; events that were missed come before the answer."""
        assert self.sign_in is not None
        async with self.out_of_turn():
            beat = await heartbeats.beat(self.sign_in, [group.group_id for group in self.followed.values()])
        for log in beat.logs:
            await self.keep_up_with(log)
        await self.tell(Heartbeat(server_time=beat.server_time, unread_count=beat.unread_count))

    # --- Helpers ---

    async def open_row(self) -> None:
        """Have a row again: the one before counts as gone, for this process could not vouch for it in time."""
        assert self.sign_in is not None
        try:
            self.row_id = await connection.open_socket(self.sign_in, self.channel_name, self.device())
        except DomainError as error:
            self.end(TOO_MANY if isinstance(error, TooManySockets) else UNAUTHENTICATED)
        else:
            if self.closing:
                await connection.close_socket(self.row_id)

    async def tell_typing(self, group_id: UUID, is_typing: bool) -> None:
        """Tell a group that this person types, or has stopped, as long as the socket is in it."""
        group = self.following(group_id)
        if self.sign_in is not None and group is not None:
            told = messages.typing(self.sign_in.user_id, group_id, group.head, is_typing, self.channel_name)
            await asyncio.to_thread(publish, told)
