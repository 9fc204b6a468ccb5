"""One Redis pub/sub connection, read as fast as can be: everything that sockets hear comes through it."""

from __future__ import annotations

import asyncio
import socket
from typing import Protocol, cast

import hiredis
import redis
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

CONNECT_SECONDS = 1.0
# An idle subscription is no broken one, but a Redis that has gone without a word must be found out: after 15 s of
# silence the system asks every 5 s, and gives up after three questions.
KEEPALIVE = {
    getattr(socket, name): value
    for name, value in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
    if hasattr(socket, name)
}


class Listener(Protocol):
    """Whoever hears what comes through a subscription."""

    def subscribed(self, topic: str) -> None:
        """Redis has confirmed a topic: what is published to it from now on is heard."""

    def heard(self, topic: str, payload: bytes) -> None:
        """Something was published to a topic."""


class Subscription(asyncio.Protocol):
    """A connection that only subscribes and listens.

    redis-py makes it, since it knows every kind of URL and how to sign in. Its own way of reading would cost three
    times the processor time for each message.
    """

    def __init__(self, listener: Listener, connection: AbstractConnection) -> None:
        self.listener = listener
        self.connection = connection  # kept, for it would close when nobody knows it any more
        assert connection._writer is not None
        # redis-py has no public way to hand a connection over.
        self.transport = cast(asyncio.Transport, connection._writer.transport)
        self.reader = hiredis.Reader()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, url: str, listener: Listener) -> Subscription:
        """Connect. Raises `redis.RedisError` or `OSError`."""
        pool = ConnectionPool.from_url(
            url,
            socket_timeout=CONNECT_SECONDS,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_keepalive=True,
            socket_keepalive_options=KEEPALIVE,
            retry=Retry(NoBackoff(), 0),
        )
        connection: AbstractConnection = pool.make_connection()  # type: ignore[no-untyped-call]
        await connection.connect()  # type: ignore[no-untyped-call]
        made = cls(listener, connection)
        made.transport.set_protocol(made)
        if made.transport.is_closing():  # lost before it was handed over, so that nobody will be told
            raise redis.ConnectionError("Redis has closed the connection.")
        return made

    def subscribe(self, *topics: str) -> None:
        """Ask for these topics; each is confirmed."""
        self.command("SUBSCRIBE", *topics)

    def unsubscribe(self, topic: str) -> None:
        """Ask for a topic no more."""
        self.command("UNSUBSCRIBE", topic)

    def command(self, *words: str) -> None:
        """Send a command; on a connection that is lost, nothing happens."""
        if not self.transport.is_closing():
            packed = hiredis.pack_command(words)  # type: ignore[arg-type]  # it takes any number of words
            self.transport.write(packed)

    def close(self) -> None:
        """End the connection; nobody waits for it any more."""
        self.lost.cancel()
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Bytes from Redis."""
        try:
            self.reader.feed(data)
            while (reply := self.reader.gets()) is not False:
                self.understand(reply)
        except hiredis.HiredisError as error:
            self.end(redis.ResponseError(str(error)))

    def understand(self, reply: object) -> None:
        """One answer. Raises `hiredis.HiredisError` if Redis refuses what it was asked for."""
        if isinstance(reply, hiredis.HiredisError):
            raise reply
        if isinstance(reply, list) and len(reply) == 3:
            kind, topic, content = reply
            if kind == b"message":
                self.listener.heard(topic.decode(), content)
            elif kind == b"subscribe":
                self.listener.subscribed(topic.decode())

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is gone."""
        self.end(error or redis.ConnectionError("Redis has closed the connection."))

    def end(self, error: Exception) -> None:
        """Tell whoever waits for it that nothing more comes, and why."""
        if not self.lost.done():
            self.lost.set_exception(error)
        self.transport.abort()
