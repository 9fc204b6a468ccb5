"""What is ours can be replaced: the channel layer by one of channels_redis, the server's protocol by uvicorn's own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from channels.layers import InMemoryChannelLayer
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.test import override_settings
from websockets.exceptions import ConnectionClosed

from accounts.models import User
from checkins.tests.builders import make_check_in
from groups.members import remove_member
from groups.models import Group
from hucares.tests.served_process import until
from realtime.caretaker import caretaker
from realtime.channel_names import group_channel
from realtime.messages import group_frame
from realtime.models import UserSession
from realtime.news import MOST_WAITING, SocketNews
from realtime.publish import publish
from realtime.tests.group_frames import left
from realtime.tests.layers import layer_in_use
from realtime.tests.live import FENCE, Client, LiveServer


@pytest.fixture
def plain_server(transactional_db: None) -> Iterator[LiveServer]:
    """A server whose sockets know nothing but ASGI."""
    live = LiveServer()
    live.server.config.ws = "websockets-sansio"
    with override_settings(WORKER_IN_SERVER=False):
        live.start()
    yield live
    live.stop()


def heard_by_bob(client: Client, alice: User, bob: User, porch: Group) -> None:
    """A check-in, the removal, and then nothing."""
    make_check_in(alice, porch)
    assert {client.receive()["event"] for _ in range(2)} == {"friend-checked-in", "notification"}
    remove_member(user=alice, group_id=porch.pk, member_id=bob.pk)
    assert client.receive() == left(porch, 2, bob, "removed")
    publish([(group_channel(porch.pk), group_frame(uuid4(), porch.pk, 0, json.dumps({"event": FENCE})))])
    assert client.fence() == []


@pytest.mark.needs_servers
@pytest.mark.parametrize("kind", [RedisChannelLayer, RedisPubSubChannelLayer])
def test_sockets_hear_what_a_layer_of_channels_redis_brings(
    server: LiveServer, alice: User, bob: User, porch: Group, kind: Any
) -> None:
    with layer_in_use(kind(hosts=[os.environ["REDIS_URL"]])), server.socket_of(bob, porch.pk) as client:
        heard_by_bob(client, alice, bob, porch)


def test_a_layer_that_brings_nothing_more_ends_the_socket(server: LiveServer, bob: User) -> None:
    class Failing(InMemoryChannelLayer):  # type: ignore[misc]
        async def receive(self, channel: str) -> dict[str, Any]:
            raise ConnectionError

    with layer_in_use(Failing()), server.open() as client:
        assert client.close_code() == 1012


def test_sockets_of_a_server_that_only_knows_asgi_hear_the_same(
    plain_server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with plain_server.socket_of(bob, porch.pk) as client:
        heard_by_bob(client, alice, bob, porch)


def test_there_too_a_client_that_reads_nothing_makes_no_endless_queue(
    plain_server: LiveServer, bob: User, porch: Group
) -> None:
    with plain_server.socket_of(bob, porch.pk) as client:
        (consumer,) = caretaker.sockets
        assert isinstance(consumer, SocketNews)
        for _ in range(2_000):
            text = json.dumps({"event": FENCE, "data": "x" * 50_000})
            publish([(group_channel(porch.pk), group_frame(uuid4(), porch.pk, 0, text))])
            if consumer.closing:
                break
        until(lambda: consumer.closing)  # publishing is faster than the server: the last are still on their way
        assert len(consumer.waiting) <= MOST_WAITING
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                client.receive()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
    until(lambda: UserSession.objects.get().closed_at is not None)
