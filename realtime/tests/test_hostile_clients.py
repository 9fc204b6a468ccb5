"""Clients that close or ping, but take nothing: they cost a bounded time and memory, and keep nobody from anything."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from hucares.http.socket_protocol import PromptSocketProtocol
from hucares.tests.served_process import until
from realtime.caretaker import caretaker
from realtime.channel_names import user_channel
from realtime.news import SocketNews
from realtime.publish import publish
from realtime.tests.live import FENCE, LiveServer

LARGE = json.dumps({"event": FENCE, "data": "x" * 50_000})
ENOUGH = 2_000  # of these fill every buffer between the server and a client, whatever the system


class RawClient:
    """A client that only reads when it is told to."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}/ws"))
        self.protocol.send_request(self.protocol.connect())
        self.flush()
        self.protocol.receive_data(self.socket.recv(65536))

    def flush(self) -> None:
        """Send what there is to send."""
        for data in self.protocol.data_to_send():
            self.socket.sendall(data)

    def authenticate(self, user: User) -> None:
        """Say who one is."""
        data = {"accessToken": access_token(make_session(user))}
        self.protocol.send_text(json.dumps({"event": "authenticate", "data": data}).encode())
        self.flush()
        until(lambda: bool(caretaker.sockets))


def turns_of(loop: asyncio.AbstractEventLoop, count: int) -> None:
    """Let a loop go round so many times."""

    async def turn() -> None:
        for _ in range(count):
            await asyncio.sleep(0)

    asyncio.run_coroutine_threadsafe(turn(), loop).result(10)


@pytest.fixture
def stuck(server: LiveServer, bob: User) -> Iterator[tuple[RawClient, SocketNews]]:
    """A client that takes nothing any more, and its socket here."""
    client = RawClient(server.port)
    client.authenticate(bob)
    (consumer,) = caretaker.sockets
    assert isinstance(consumer, SocketNews)
    in_vain = 0
    for _ in range(ENOUGH):
        publish([(user_channel(bob.pk), {"type": "user.frame", "text": LARGE})])
        turns_of(consumer.loop, 20)  # in which whatever still finds room further down goes there
        in_vain = in_vain + 1 if consumer.waiting else 0
        if in_vain == 20:
            break
    assert consumer.waiting
    yield client, consumer
    client.socket.close()


def test_one_that_closes_but_takes_nothing_is_cut_off(
    server: LiveServer, stuck: tuple[RawClient, SocketNews], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = stuck
    monkeypatch.setattr("realtime.lifetime.CLOSING_SECONDS", 0.2)
    client.protocol.send_close(1000)
    client.flush()
    until(lambda: not server.server.server_state.connections)


def test_one_that_pings_but_takes_nothing_is_cut_off(server: LiveServer, stuck: tuple[RawClient, SocketNews]) -> None:
    client, _ = stuck

    def is_cut_off() -> bool:
        """The buffers below may still have found room for something: whoever goes on pinging fills that too."""
        with contextlib.suppress(OSError):
            for _ in range(100):
                client.protocol.send_ping(b"x" * 125)
            client.flush()
        return not caretaker.sockets

    until(is_cut_off)
    until(lambda: not server.server.server_state.connections)


def test_a_connection_that_is_closing_already_does_not_keep_a_server_from_ending(
    stuck: tuple[RawClient, SocketNews],
) -> None:
    client, consumer = stuck
    protocol: Any = consumer.prompt
    assert isinstance(protocol, PromptSocketProtocol)
    client.protocol.send_close(1000)
    client.flush()
    until(lambda: protocol.transport.is_closing())

    async def shut_down() -> None:
        protocol.shutdown()

    asyncio.run_coroutine_threadsafe(shut_down(), consumer.loop).result(10)
