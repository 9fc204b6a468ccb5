"""Our channel layers, behind Channels' own interface.

News reaches a process once, over one Redis subscription (or straight from a thread of the same process), is decoded
once, and is then handed straight to the sockets of its group. Publishing is synchronous, from any thread, and never
enters an event loop. Delivery is at most once: what must not be lost is in the event log.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any

import orjson
import redis
from channels.exceptions import ChannelFull
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry

from realtime.local_layer import LocalLayer, Message, Messages, encode, process_of
from realtime.subscription import Subscription

logger = logging.getLogger(__name__)

PUBLISH_SECONDS = 0.25  # how long a request may wait for a Redis that does not answer
SILENT_SECONDS = 2.0
SUBSCRIBE_SECONDS = 1.0
RECONNECT_SECONDS = 0.5


class InProcessLayer(LocalLayer):
    """The layer of the embedded default: one process, no Redis."""

    async def send(self, channel: str, message: Message) -> None:
        """Send to one channel. Raises `ChannelFull`."""
        self.require_valid_channel_name(channel)
        self.bind()
        self.deliver_to_channel(channel, encode(message))

    async def group_send(self, group: str, message: Message) -> None:
        """Send to every channel of a group."""
        self.require_valid_group_name(group)
        self.bind()
        self.deliver(group, encode(message))

    def publish(self, messages: Messages) -> None:
        """Send to groups, from any thread. Without a server in this process there is nobody to hear."""
        for group, message in messages:
            payload = encode(message)
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
        self.prefix = f"{prefix}:{database_number(url)}:"
        self.silent_until = 0.0
        self.publisher = redis.Redis.from_url(
            url, socket_timeout=PUBLISH_SECONDS, socket_connect_timeout=PUBLISH_SECONDS, retry=Retry(NoBackoff(), 0)
        )
        super().__init__(**options)

    def reset(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Forget everything; the listener of an earlier loop ended with it."""
        super().reset(loop)
        self.listener: asyncio.Task[None] | None = None
        self.subscription: Subscription | None = None
        self.confirmed: dict[str, asyncio.Event] = {}
        self.away = False

    def topic(self, name: str) -> str:
        """The Redis channel of a group, or of a process."""
        return f"{self.prefix}{name}"

    def publish(self, messages: Messages) -> None:
        """Send to groups, from any thread, in one round trip. Raises `redis.RedisError`.

        After a failure nothing is tried for `SILENT_SECONDS`, so that a Redis that hangs does not hold up every
        request in turn.
        """
        self.publish_encoded([(group, encode(message)) for group, message in messages])

    def publish_encoded(self, payloads: list[tuple[str, bytes]]) -> None:
        """The same, of what is encoded already."""
        if time.monotonic() < self.silent_until:
            raise redis.ConnectionError("Redis was away a moment ago")
        pipeline = self.publisher.pipeline(transaction=False)
        for name, payload in payloads:
            pipeline.publish(self.topic(name), payload)
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
        """Send to one channel of any process, as `new_channel` names them. Raises `ChannelFull` if it is of this one.

        Raises `ValueError` for a channel of no process: pub/sub cannot see to it that just one of them takes a message.
        """
        self.require_valid_channel_name(channel)
        self.bind()
        if "!" not in channel:
            raise ValueError("This layer only sends to channels that new_channel has named.")
        if process_of(channel) == self.process:
            self.deliver_to_channel(channel, encode(message))
        else:
            payload = orjson.dumps((channel, encode(message).decode()))
            await asyncio.to_thread(self.publish_encoded, [(process_of(channel), payload)])

    async def group_add(self, group: str, channel: str) -> None:
        """Put a channel into a group, and wait (a second at most) until Redis has confirmed the subscription."""
        await super().group_add(group, channel)
        self.listen()
        confirmed = self.confirmed.get(group)
        if confirmed is None:
            confirmed = self.confirmed[group] = asyncio.Event()
            if self.subscription is not None:  # else the listener subscribes when it has a connection
                self.subscription.subscribe(self.topic(group))
        if not confirmed.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(confirmed.wait(), SUBSCRIBE_SECONDS)

    def leave(self, group: str, channel: str) -> None:
        """Take a channel out of a group; the last one ends the process's subscription."""
        super().leave(group, channel)
        if group not in self.groups and group in self.confirmed:
            del self.confirmed[group]
            if self.subscription is not None:
                self.subscription.unsubscribe(self.topic(group))

    async def flush(self) -> None:
        """Forget every channel and group of this process, and listen to nothing."""
        listener = self.listener
        await super().flush()
        if listener is not None:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)

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
            await asyncio.sleep(RECONNECT_SECONDS)

    async def listen_once(self) -> None:
        """Subscribe to everything that has a channel here, and take messages until the connection is lost.

        Raises `redis.RedisError` or `OSError`.
        """
        subscription = await Subscription.open(self.url, self)
        try:
            subscription.subscribe(self.topic(self.process), *map(self.topic, self.confirmed))
            self.subscription = subscription  # from here on whoever adds a group subscribes to it
            if self.away:
                logger.warning("Redis is back.")
            self.away = False
            await subscription.lost
        finally:
            subscription.close()
            if self.subscription is subscription:
                self.subscription = None
                for confirmed in self.confirmed.values():
                    confirmed.clear()

    def subscribed(self, topic: str) -> None:
        """Redis has confirmed a subscription."""
        confirmed = self.confirmed.get(topic.removeprefix(self.prefix))
        if confirmed is not None:
            confirmed.set()

    def heard(self, topic: str, payload: bytes) -> None:
        """One message from Redis, for a group or for one channel; what is no message of ours is told of and dropped."""
        name = topic.removeprefix(self.prefix)
        try:
            if name == self.process:
                channel, content = orjson.loads(payload)
                self.deliver_to_channel(channel, content)
            else:
                self.deliver(name, payload)
        except ChannelFull:
            logger.debug("a channel is full and misses a message")
        except (TypeError, ValueError):
            logger.warning("a message on %s could not be understood", topic)
