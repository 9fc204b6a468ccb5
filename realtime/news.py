"""What the channel layer brings to a socket, and what the socket takes of it.

Of each joined group the socket remembers the number of the last event sent: the next one is sent, an older one dropped,
and before a later one the gap is read from the log. Most messages are passed on the moment they arrive. One that takes
more than that waits for its turn, and so do those that come after it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from hucares.errors import NotFound
from realtime import connection
from realtime.channel_names import group_channel
from realtime.lifetime import GOING_AWAY, UNAUTHENTICATED, SocketLife
from realtime.local_layer import LocalLayer, Message
from realtime.metrics import FRAMES_SENT, GAPS_CLOSED, PUBLISH_TO_SEND, SLOW_READERS_CLOSED
from realtime.models import GroupLog
from realtime.telling import EVERYBODY, Told
from realtime.typists import Typist

logger = logging.getLogger(__name__)

MOST_WAITING = 256  # frames that a client may leave untaken


@dataclass(slots=True)
class Followed:
    """A group that a socket has joined: the last event sent, and the life of the log that its number is of."""

    group_id: UUID
    head: int
    epoch: UUID


class SocketNews(SocketLife):
    """One socket, as one that listens. At any time one thing has the turn: a client's frame, or a message."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = asyncio.Lock()
        self.waiting: list[tuple[Message, float]] = []
        self.behind: list[str] = []  # groups of which more has come than finds room there
        self.worker: asyncio.Task[None] | None = None
        self.receiver: asyncio.Task[None] | None = None
        self.subscribed: set[UUID] = set()  # groups whose news reaches this channel
        # Of those, the joined ones, by their ids as messages have them: UUIDs would cost as much as all the rest.
        self.followed: dict[str, Followed] = {}
        self.ended: frozenset[str] = frozenset()  # sign-in sessions that did before it was known whose socket it is
        self.typist: Typist

    # --- Listening ---

    async def open(self) -> None:
        """Open, and take what the channel layer brings."""
        if isinstance(self.channel_layer, LocalLayer):
            self.channel_layer.attach(self.channel_name, self.take)
        else:
            self.receiver = self.loop.create_task(self.receive_all())
        await super().open()

    async def receive_all(self) -> None:
        """Fetch messages from a layer that is not ours."""
        try:
            while True:
                if self.take(await self.channel_layer.receive(self.channel_name), time.time()):
                    FRAMES_SENT.inc()
        except Exception:
            logger.exception("a channel layer brings nothing more")
            self.end(GOING_AWAY)

    def last_steps(self) -> list[Callable[[], Awaitable[None]]]:
        """What is to be done when a socket is gone: it takes nothing more, and leaves every group."""
        return [self.stop_listening, self.leave_groups, *super().last_steps()]

    async def stop_listening(self) -> None:
        """Take nothing more."""
        if isinstance(self.channel_layer, LocalLayer):
            self.channel_layer.detach(self.channel_name)
        for task in (self.receiver, self.worker):
            if task is not None:
                task.cancel()

    async def leave_groups(self) -> None:
        """Be in no group any more."""
        for group_id in list(self.subscribed):
            await self.typist.stop(group_id)
            await self.forget_group(group_id)

    # --- Taking turns ---

    def take(self, message: Message, published_at: float) -> bool:
        """A message: passed on at once, or kept until those before it are. Whether it was sent to the client."""
        if message["type"] == "sessions.ended":
            self.end_with(message["session_ids"])  # whatever else waits: its person may see nothing more
            return False
        is_free = not (self.waiting or self.turn.locked())
        if is_free and not self.closing and not self.takes_longer(message):
            return self.pass_on(message)
        if not self.closing and len(self.waiting) < MOST_WAITING:
            self.waiting.append((message, published_at))
            if is_free:
                self.worker = self.loop.create_task(self.take_turn())
        elif not self.closing and (self.prompt is None or not self.prompt.can_write()):
            self.give_up()
        elif "after" in message:  # it is not the client that is slow, and the log has what finds no room
            group_id = message["group_id"]
            self.behind = [*(other for other in self.behind if other != group_id), group_id]
        return False

    def give_up(self) -> None:
        """Close: the client does not take what is sent to it. When it comes back, the log has what it missed."""
        SLOW_READERS_CLOSED.inc()
        self.waiting.clear()
        if self.prompt is not None:
            self.closing = True
            self.prompt.abort()
        else:
            self.end(GOING_AWAY)

    async def take_turn(self) -> None:
        """Do what the messages that wait ask for."""
        try:
            async with self.turn:
                await self.work_off()
        except OSError:
            logger.debug("a client went away while it was being written to")

    async def work_off(self) -> None:
        """The same, for whoever has the turn: nobody gives it back while messages wait.

        One that fails is not missed for long: the next event, or the next heartbeat, shows the gap.
        """
        while (self.waiting or self.behind) and not self.closing:
            try:
                if self.waiting:
                    await self.handle(*self.waiting.pop(0))
                else:
                    await self.catch_up(self.behind.pop())
            except OSError:
                raise
            except Exception:
                logger.exception("news could not be told")

    @contextlib.asynccontextmanager
    async def out_of_turn(self) -> AsyncIterator[None]:
        """Let news pass while whoever has the turn waits for something."""
        await self.work_off()
        self.turn.release()
        try:
            yield
        finally:
            await self.turn.acquire()

    # --- Messages ---

    def takes_longer(self, message: Message) -> bool:
        """Whether the client takes nothing now, the log must be read first, or something ends with the message."""
        can_write = self.prompt is not None and self.prompt.can_write()
        return not can_write or self.is_behind(message) or self.is_last(message)

    def pass_on(self, message: Message) -> bool:
        """Send the frame for this client, if there is one. Whether there was."""
        assert self.prompt is not None
        text = self.text_in(message)
        if text is not None:
            self.prompt.write_text(text)
        return text is not None

    async def handle(self, message: Message, published_at: float) -> None:
        """Do what a message asks for, however long it takes."""
        if self.is_behind(message):
            await self.catch_up(message["group_id"])
        text = self.text_in(message)
        if text is not None:
            await self.send_text(text)
            PUBLISH_TO_SEND.observe(time.time() - published_at)
            if self.is_last(message):
                await self.forget_group(UUID(message["group_id"]))

    def is_behind(self, message: Message) -> bool:
        """Whether the log has something that comes before a message of a joined group."""
        if "after" not in message:
            return False
        group = self.followed.get(message["group_id"])
        return group is not None and message["after"] > group.head

    def is_last(self, message: Message) -> bool:
        """Whether this person hears nothing more of the group after it."""
        ends_for = message.get("ends_for")
        return ends_for is not None and ends_for in (self.user_id, EVERYBODY)

    def text_in(self, message: Message) -> str | None:
        """The frame for this client, if there is one."""
        return self.READERS[message["type"]](self, message)

    def group_event(self, message: Message) -> str | None:
        """An event of a group: for a socket that has joined, and has got as far as to the one before."""
        group = self.followed.get(message["group_id"])
        if group is None or group.head != message["after"]:
            return None
        group.head += 1
        text: str = message["author_text" if message["author_id"] == self.user_id else "text"]
        return text

    def group_frame(self, message: Message) -> str | None:
        """Something about another member that is in no log."""
        is_heard = message["about"] != self.user_id and message["group_id"] in self.followed
        return message["text"] if is_heard else None

    def group_typing(self, message: Message) -> str | None:
        """A member types or has stopped; told by another socket of one's own, that is only taken note of."""
        group = self.followed.get(message["group_id"])
        is_own = message["about"] == self.user_id
        if is_own and message["socket_id"] != self.channel_name and group is not None:
            self.typist.hear(group.group_id, message["is_typing"])
        return self.group_frame(message)

    def user_frame(self, message: Message) -> str | None:
        """Something for this person alone."""
        return message["text"] if self.sign_in is not None else None

    READERS: ClassVar[dict[str, Callable[[Any, Message], str | None]]] = {
        "group.event": group_event,
        "group.frame": group_frame,
        "group.typing": group_typing,
        "user.frame": user_frame,
    }

    def end_with(self, session_ids: list[str]) -> None:
        """Sign-in sessions have ended; if this socket's is among them, or turns out to be, so does the socket."""
        if self.sign_in is None:
            self.ended = self.ended.union(session_ids)
        elif str(self.sign_in.session_id) in session_ids:
            self.end(UNAUTHENTICATED)

    # --- The log ---

    def following(self, group_id: UUID) -> Followed | None:
        """A group, if the socket has joined it."""
        return self.followed.get(str(group_id))

    def follow(self, group_id: UUID, head: int, epoch: UUID) -> None:
        """The socket has joined a group, and has come as far as to an event."""
        self.followed[str(group_id)] = Followed(group_id, head, epoch)

    async def catch_up(self, group_id: str) -> None:
        """Send what the log has after the last event sent; a group that one is no longer in is forgotten."""
        assert self.sign_in is not None
        group = self.followed.get(group_id)
        if group is None:
            return
        try:
            missed = await connection.missed_events(self.sign_in.user, group.group_id, group.head)
        except NotFound:
            await self.forget_group(group.group_id)
            return
        if missed:
            GAPS_CLOSED.inc()
        await self.send_events(missed)
        if missed and missed[-1].is_last_for(self.sign_in.user_id):
            await self.forget_group(group.group_id)

    async def keep_up_with(self, log: GroupLog) -> None:
        """Catch up with a joined group's log, if it has come further.

        One that has begun another life meanwhile (a backup was restored) has other events under the same numbers: the
        client is sent away, and told to read the state anew when it comes back.
        """
        group = self.following(log.group_id)
        if group is not None and group.epoch != log.epoch:
            self.end(GOING_AWAY)
        elif group is not None and log.head > group.head:
            await self.catch_up(str(log.group_id))

    async def send_events(self, events: list[Told]) -> None:
        """Send events of a group, in order, and remember the last one."""
        assert self.sign_in is not None
        for event in events:
            await self.send_text(event.text_for(self.sign_in.user_id))
            group = self.following(event.group_id)
            if group is not None:
                group.head = event.seq

    async def forget_group(self, group_id: UUID) -> None:
        """Take no more events of a group."""
        self.followed.pop(str(group_id), None)
        self.typist.forget(group_id)
        self.subscribed.discard(group_id)
        await self.channel_layer.group_discard(group_channel(group_id), self.channel_name)
