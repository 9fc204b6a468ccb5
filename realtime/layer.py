"""Our channel layers, behind Channels' own interface.

News reaches a process once, over one Redis subscription (or straight from a thread of the same process), is decoded
once, and is then put into the queue of each local channel of the group. Publishing is synchronous, from any thread,
and never enters an event loop. Delivery is at most once: what must not be lost is in the event log.

Source of the interface: Channels' channel layer specification.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from typing import Any

import orjson
import redis
import redis.asyncio
from channels.exceptions import ChannelFull
from channels.layers import BaseChannelLayer
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry

logger = logging.getLogger(__name__)

Message = dict[str, Any]
Messages = list[tuple[str, Message]]

PUBLISH_SECONDS = 0.25  # how long a request may wait for a Redis that does not answer
SILENT_SECONDS = 2.0
SUBSCRIBE_SECONDS = 1.0
RECONNECT_SECONDS = 0.5


def process_of(channel: str) -> str:
    """The process that a channel's name says it belongs to."""
    return channel.partition("!")[0].rpartition(".")[2]


class LocalLayer(BaseChannelLayer):  # type: ignore[misc]
    """What both layers share: the channels of this process, the groups they are in, and their queues.

    All of it belongs to the event loop of the server. A channel's name holds the process that owns it, before `!`.
    """

    extensions = ("groups", "flush")

    def __init__(self, expiry: int = 60, capacity: int = 256, channel_capacity: dict[str, int] | None = None) -> None:
        super().__init__(expiry=expiry, capacity=capacity)
        self.channel_capacity = self.compile_capacities(channel_capacity or {})
        self.process = uuid.uuid4().hex
        self.reset(None)

    def reset(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Forget everything; from now on `loop` is the one that channels live on."""
        self.loop = loop
        self.queues: dict[str, asyncio.Queue[Message]] = {}
        self.groups: dict[str, set[str]] = {}

    def bind(self) -> None:
        """Make the running loop the one that channels live on; an earlier one has ended."""
        loop = asyncio.get_running_loop()
        if self.loop is not loop:
            self.reset(loop)

    async def new_channel(self, prefix: str = "specific") -> str:
        """A name that only this process receives on."""
        return f"{prefix}.{self.process}!{uuid.uuid4().hex}"

    async def receive(self, channel: str) -> Message:
        """The next message of a channel; a receiver that is cancelled takes its queue with it."""
        self.bind()
        queue = self.queue(channel)
        try:
            return await queue.get()
        except asyncio.CancelledError:
            self.queues.pop(channel, None)
            raise

    def queue(self, channel: str) -> asyncio.Queue[Message]:
        """The queue of a channel, made when it is first asked for."""
        if channel not in self.queues:
            self.queues[channel] = asyncio.Queue(self.get_capacity(channel))
        return self.queues[channel]

    async def group_add(self, group: str, channel: str) -> None:
        """Put a channel of this process into a group."""
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        self.bind()
        self.queue(channel)
        self.groups.setdefault(group, set()).add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        """Take a channel out of a group; nothing happens if it is not in it."""
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        members = self.groups.get(group, set())
        members.discard(channel)
        if not members:
            self.groups.pop(group, None)

    async def flush(self) -> None:
        """Forget every channel and group of this process."""
        self.reset(self.loop)

    def deliver(self, group: str, payload: bytes) -> None:
        """Hand a message to the group's local channels. One whose queue is full misses it; the log makes up for it."""
        message = orjson.loads(payload)
        for channel in self.groups.get(group, ()):
            queue = self.queues.get(channel)  # none when its receiver has gone and is about to leave the group
            if queue is not None:
                with contextlib.suppress(asyncio.QueueFull):
                    queue.put_nowait(message)

    def deliver_to_channel(self, channel: str, payload: bytes) -> None:
        """Hand a message to one local channel. Raises `ChannelFull`."""
        try:
            self.queue(channel).put_nowait(orjson.loads(payload))
        except asyncio.QueueFull as error:
            raise ChannelFull from error


class InProcessLayer(LocalLayer):
    """The layer of the embedded default: one process, no Redis."""

    async def send(self, channel: str, message: Message) -> None:
        """Send to one channel. Raises `ChannelFull`."""
        self.require_valid_channel_name(channel)
        self.bind()
        self.deliver_to_channel(channel, orjson.dumps(message))

    async def group_send(self, group: str, message: Message) -> None:
        """Send to every channel of a group."""
        self.require_valid_group_name(group)
        self.bind()
        self.deliver(group, orjson.dumps(message))

    def publish(self, messages: Messages) -> None:
        """Send to groups, from any thread. Without a server in this process there is nobody to hear."""
        for group, message in messages:
            payload = orjson.dumps(message)
            if self.loop is not None and not self.loop.is_closed():
                self.loop.call_soon_threadsafe(self.deliver, group, payload)


def database_number(url: str) -> int:
    """Which of a Redis server's databases a URL names."""
    return int(parse_url(url).get("db", 0))  # type: ignore[no-untyped-call]


class RedisLayer(LocalLayer):
    """The layer of every other deployment: one Redis pub/sub connection per process.

    Subscribed are the groups that have a channel here, and the process's own name for messages to single channels.
    When Redis was away, the listener subscribes again to all of them.
    """

    def __init__(self, url: str, prefix: str = "hucares", **options: Any) -> None:
        self.url = url
        # Redis tells subscribers of every database: two deployments on one Redis must not hear each other.
        self.prefix = f"{prefix}:{database_number(url)}"
        self.silent_until = 0.0
        self.publisher = redis.Redis.from_url(
            url, socket_timeout=PUBLISH_SECONDS, socket_connect_timeout=PUBLISH_SECONDS, retry=Retry(NoBackoff(), 0)
        )
        super().__init__(**options)

    def reset(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Forget everything; the listener of an earlier loop ended with it."""
        super().reset(loop)
        self.listener: asyncio.Task[None] | None = None
        self.pubsub: redis.asyncio.client.PubSub | None = None
        self.confirmed: dict[str, asyncio.Event] = {}
        self.away = False

    def topic(self, name: str) -> str:
        """The Redis channel of a group, or of a process."""
        return f"{self.prefix}:{name}"

    def publish(self, messages: Messages) -> None:
        """Send to groups, from any thread, in one round trip. Raises `redis.RedisError`.

        After a failure nothing is tried for `SILENT_SECONDS`, so that a Redis that hangs does not hold up every
        request in turn.
        """
        encoded = [(self.topic(group), orjson.dumps(message)) for group, message in messages]
        if time.monotonic() < self.silent_until:
            raise redis.ConnectionError("Redis was away a moment ago")
        pipeline = self.publisher.pipeline(transaction=False)
        for topic, payload in encoded:
            pipeline.publish(topic, payload)
        try:
            pipeline.execute()
        except (redis.ConnectionError, redis.TimeoutError):
            self.silent_until = time.monotonic() + SILENT_SECONDS
            raise

    async def group_send(self, group: str, message: Message) -> None:
        """Send to every channel of a group, in every process."""
        self.require_valid_group_name(group)
        await asyncio.to_thread(self.publish, [(group, message)])

    async def send(self, channel: str, message: Message) -> None:
        """Send to one channel of any process. Raises `ChannelFull` for one of this process."""
        self.require_valid_channel_name(channel)
        self.bind()
        owner = process_of(channel)
        if owner == self.process:
            self.deliver_to_channel(channel, orjson.dumps(message))
        else:
            await asyncio.to_thread(self.publish, [(owner, {"channel": channel, "message": message})])

    async def group_add(self, group: str, channel: str) -> None:
        """Put a channel into a group, and wait (a second at most) until Redis has confirmed the subscription."""
        await super().group_add(group, channel)
        self.listen()
        confirmed = self.confirmed.get(group)
        if confirmed is None:
            confirmed = self.confirmed[group] = asyncio.Event()
            await self.tell_redis("subscribe", group)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(confirmed.wait(), SUBSCRIBE_SECONDS)

    async def group_discard(self, group: str, channel: str) -> None:
        """Take a channel out of a group; the last one ends the process's subscription."""
        await super().group_discard(group, channel)
        if group not in self.groups and group in self.confirmed:
            del self.confirmed[group]
            await self.tell_redis("unsubscribe", group)

    async def tell_redis(self, command: str, group: str) -> None:
        """Subscribe to a group or unsubscribe. Without a connection the listener does so when it has one."""
        if self.pubsub is not None:
            with contextlib.suppress(redis.RedisError, OSError):
                await getattr(self.pubsub, command)(self.topic(group))

    def listen(self) -> None:
        """Start the listener of this process, once."""
        if self.listener is None or self.listener.done():
            self.listener = asyncio.get_running_loop().create_task(self.keep_listening())

    async def keep_listening(self) -> None:
        """Take messages from Redis for as long as the server runs, connecting again whenever it must."""
        while True:
            try:
                await self.listen_once()
            except (redis.RedisError, OSError) as error:
                if not self.away:
                    logger.warning("Redis is away, sockets wait for it: %s", error)
                self.away = True
            self.pubsub = None
            await asyncio.sleep(RECONNECT_SECONDS)

    async def listen_once(self) -> None:
        """Subscribe to everything that has a channel here, and take messages until the connection is lost."""
        client = redis.asyncio.Redis.from_url(
            self.url,
            socket_timeout=None,  # an idle subscription is no broken one
            socket_connect_timeout=SUBSCRIBE_SECONDS,
            socket_keepalive=True,
            retry=AsyncRetry(NoBackoff(), 0),
        )
        async with client, client.pubsub() as pubsub:
            await pubsub.subscribe(self.topic(self.process))
            self.pubsub = pubsub  # from here on whoever adds a group subscribes to it
            if self.away:
                logger.warning("Redis is back.")
            self.away = False
            if self.confirmed:
                await pubsub.subscribe(*map(self.topic, self.confirmed))
            async for message in pubsub.listen():
                self.take(message["type"], message["channel"].decode(), message["data"])

    def take(self, kind: str, topic: str, payload: Any) -> None:
        """One message from Redis; what is no message of ours is told of and dropped."""
        try:
            self.understand(kind, topic, payload)
        except (orjson.JSONDecodeError, KeyError, TypeError):
            logger.warning("a message on %s could not be understood", topic)

    def understand(self, kind: str, topic: str, payload: Any) -> None:
        """A confirmation, something for a group, or something for one channel."""
        name = topic.removeprefix(f"{self.prefix}:")
        if kind == "subscribe" and name in self.confirmed:
            self.confirmed[name].set()
        elif kind == "message" and name == self.process:
            envelope = orjson.loads(payload)
            with contextlib.suppress(ChannelFull):
                self.deliver_to_channel(envelope["channel"], orjson.dumps(envelope["message"]))
        elif kind == "message":
            self.deliver(name, payload)
