"""What both channel layers share: the channels of this process, the groups they are in, and what waits for them.

Source of the interface: Channels' channel layer specification.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

import orjson
from channels.exceptions import ChannelFull
from channels.layers import BaseChannelLayer

from realtime.metrics import FRAMES_SENT, PUBLISH_TO_SEND

logger = logging.getLogger(__name__)

Message = dict[str, Any]
Messages = list[tuple[str, Message]]  # (group, message)
Take = Callable[[Message, float], bool]  # given when the message was published, by `time.time()`; whether it was sent


def process_of(channel: str) -> str:
    """The process that a channel's name says it belongs to."""
    return channel.partition("!")[0].rpartition(".")[2]


def encode(message: Message) -> bytes:
    """A message as it travels, with the moment at which it was published. Raises `TypeError` for what is no JSON."""
    return orjson.dumps((time.time(), message))


class LocalLayer(BaseChannelLayer):  # type: ignore[misc]
    """The channels of one process; all of it belongs to the event loop of the server.

    A message is handed straight to whoever has attached to its channel, and waits in a queue for `receive` where nobody
    has. A queue holds `capacity` messages for `expiry` seconds each, and a channel is in a group for `group_expiry`
    seconds: nobody who forgets to leave is kept for ever.
    """

    extensions = ("groups", "flush")

    def __init__(
        self,
        expiry: float = 60,
        group_expiry: float = 86400,
        capacity: int = 256,
        channel_capacity: dict[str, int] | None = None,
    ) -> None:
        super().__init__(expiry=expiry, capacity=capacity)
        self.group_expiry = group_expiry
        self.channel_capacity = self.compile_capacities(channel_capacity or {})
        self.process = uuid.uuid4().hex
        self.reset(None)

    def reset(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Forget everything; from now on `loop` is the one that channels live on."""
        self.loop = loop
        self.takers: dict[str, Take] = {}
        self.queues: dict[str, asyncio.Queue[tuple[float, Message]]] = {}
        self.groups: dict[str, dict[str, float]] = {}  # the channels of each, and until when they are in it

    def bind(self) -> None:
        """Make the running loop the one that channels live on; an earlier one has ended."""
        loop = asyncio.get_running_loop()
        if self.loop is not loop:
            self.reset(loop)

    def publish(self, messages: Messages) -> None:
        """Send to groups, from any thread. Raises what keeps it from being sent."""
        raise NotImplementedError

    async def new_channel(self, prefix: str = "specific") -> str:
        """A name that only this process receives on."""
        return f"{prefix}.{self.process}!{uuid.uuid4().hex}"

    def attach(self, channel: str, take: Take) -> None:
        """Hand every message of a channel to `take`, on the loop and at once, until `detach`. It must not block.

        It says whether it has sent the message on already, or has kept it for later.
        """
        self.bind()
        self.takers[channel] = take

    def detach(self, channel: str) -> None:
        """Nobody takes this channel's messages any more."""
        self.takers.pop(channel, None)
        self.queues.pop(channel, None)

    async def receive(self, channel: str) -> Message:
        """The next message of a channel; a receiver that is cancelled takes its queue with it."""
        self.bind()
        queue = self.queue(channel)
        try:
            while True:
                until, message = await queue.get()
                if until > time.monotonic():
                    return message
        except asyncio.CancelledError:
            self.queues.pop(channel, None)
            raise

    def queue(self, channel: str) -> asyncio.Queue[tuple[float, Message]]:
        """The queue of a channel, made when it is first asked for."""
        if channel not in self.queues:
            self.queues[channel] = asyncio.Queue(self.get_capacity(channel))
        return self.queues[channel]

    async def group_add(self, group: str, channel: str) -> None:
        """Put a channel of this process into a group, or keep it there for another `group_expiry`."""
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        self.bind()
        if channel not in self.takers:
            self.queue(channel)
        self.groups.setdefault(group, {})[channel] = time.monotonic() + self.group_expiry

    async def group_discard(self, group: str, channel: str) -> None:
        """Take a channel out of a group; nothing happens if it is not in it."""
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        self.leave(group, channel)

    def leave(self, group: str, channel: str) -> None:
        """The same, of names that are known to be good."""
        members = self.groups.get(group, {})
        members.pop(channel, None)
        if not members:
            self.groups.pop(group, None)

    async def flush(self) -> None:
        """Forget every channel and group of this process."""
        self.reset(self.loop)

    def deliver(self, group: str, payload: bytes) -> None:
        """Hand a message to the group's local channels. One that is full misses it; the log makes up for it."""
        published_at, message = orjson.loads(payload)
        now = time.monotonic()
        sent = 0
        for channel, until in list(self.groups.get(group, {}).items()):
            if until <= now:
                self.leave(group, channel)
                self.queues.pop(channel, None)
                continue
            try:
                sent += self.hand_over(channel, message, published_at)
            except ChannelFull:
                logger.debug("a channel is full and misses a message")
            except Exception:
                logger.exception("a message could not be handed over")
        if sent:  # counted together: for each socket by itself it would cost as much as the sending
            FRAMES_SENT.inc(sent)
            PUBLISH_TO_SEND.observe(time.time() - published_at)

    def deliver_to_channel(self, channel: str, payload: bytes) -> None:
        """Hand a message to one local channel. Raises `ChannelFull`."""
        published_at, message = orjson.loads(payload)
        if channel not in self.takers:
            self.queue(channel)
        self.hand_over(channel, message, published_at)

    def hand_over(self, channel: str, message: Message, published_at: float) -> bool:
        """Give a message to whoever takes the channel's; else it waits. Whether it was sent. Raises `ChannelFull`."""
        take = self.takers.get(channel)
        if take is not None:
            return take(message, published_at)
        if channel in self.queues:  # if not, its receiver has gone and is about to leave the group
            self.put(self.queues[channel], message)
        return False

    def put(self, queue: asyncio.Queue[tuple[float, Message]], message: Message) -> None:
        """Let a message wait; those that nobody has received in time make room. Raises `ChannelFull`."""
        now = time.monotonic()
        while queue.full():
            if self.oldest(queue) > now:
                raise ChannelFull
            queue.get_nowait()
        queue.put_nowait((now + self.expiry, message))

    @staticmethod
    def oldest(queue: asyncio.Queue[tuple[float, Message]]) -> float:
        """Until when the first message of a queue may wait."""
        until: float = queue._queue[0][0]  # type: ignore[attr-defined]  # queues have no way to look
        return until
