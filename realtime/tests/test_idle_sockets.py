"""Sockets on which nothing happens, for longer than any library waits by itself."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import redis
from channels.layers import channel_layers
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from checkins.tests.builders import make_check_in
from groups.models import Group
from hucares.tests.served_process import Serve
from realtime.layer import database_number
from realtime.tests.group_frames import updated, url
from realtime.tests.impatient import PATIENCE_SECONDS, PING_SECONDS
from realtime.tests.live import SocketOpener

pytestmark = pytest.mark.needs_servers
REDIS_SECONDS = redis.Redis().get_connection_kwargs()["socket_timeout"]  # what its client waits by default
ENOUGH = int((max(REDIS_SECONDS, PATIENCE_SECONDS) + 1.0) / PING_SECONDS)  # pings
IMPATIENT = "realtime.tests.impatient"


class CountingConnection(ClientConnection):
    """A connection that says nothing but the answers to the server's pings, and counts these: they are a clock."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.pings = 0
        self.more = threading.Condition()
        super().__init__(*arguments, **options)

    def process_event(self, event: Any) -> None:
        super().process_event(event)
        if isinstance(event, Frame) and event.opcode is Opcode.PING:
            with self.more:
                self.pings += 1
                self.more.notify_all()

    def wait_for_pings(self, count: int) -> None:
        """Until the server has sent so many from now on."""
        with self.more:
            enough = self.pings + count
            assert self.more.wait_for(lambda: self.pings >= enough, timeout=60)


def subscriptions() -> set[str]:
    """The connections on which processes hear what is published in the tests' Redis database."""
    layer = channel_layers["default"]
    number = str(database_number(layer.url))
    return {client["id"] for client in layer.publisher.client_list(_type="pubsub") if client["db"] == number}


def test_a_socket_that_was_idle_for_long_hears_what_is_published_by_its_own_process_and_by_another(
    serve: Serve, alice: User, bob: User, porch: Group
) -> None:
    opener = SocketOpener(serve(runner=IMPATIENT).port)
    with opener.open(create_connection=CountingConnection, ping_interval=None) as client:
        client.authenticate(access_token(make_session(bob)))
        client.join(porch.pk)
        before = subscriptions()
        client.connection.wait_for_pings(ENOUGH)
        assert subscriptions() == before != set()

        status, _ = opener.call("PUT", url(porch), {"name": "The Garden"}, access_token(make_session(alice)))
        assert status == 200
        assert client.receive() == updated(porch, 1, "settings-changed", fields=["name"])

        make_check_in(alice, porch)  # this test's process publishes it
        assert {client.receive()["event"] for _ in range(2)} == {"friend-checked-in", "notification"}
        assert client.fence() == []
