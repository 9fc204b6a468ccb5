"""Both channel layers: the same interface, the same behaviour."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
import redis
from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer
from django.conf import LazySettings

from realtime.layer import InProcessLayer, LocalLayer, RedisLayer, database_number
from realtime.publish import publish
from realtime.tests.layers import layer_in_use

PATIENCE = 10
NEWS = {"type": "news", "n": 1}

on_redis = pytest.mark.needs_servers


@pytest.fixture(params=["in process", pytest.param("redis", marks=on_redis)])
async def layer(request: pytest.FixtureRequest) -> AsyncIterator[LocalLayer]:
    """Each layer in turn."""
    made = InProcessLayer() if request.param == "in process" else RedisLayer(os.environ["REDIS_URL"])
    yield made
    await stop(made)


@pytest.fixture
async def redis_layers() -> AsyncIterator[tuple[RedisLayer, RedisLayer]]:
    """Two layers on one Redis, as two processes have them."""
    pair = RedisLayer(os.environ["REDIS_URL"]), RedisLayer(os.environ["REDIS_URL"])
    yield pair
    for made in pair:
        await stop(made)


async def stop(layer: Any) -> None:
    """End the layer's listener, if it has one."""
    listener = getattr(layer, "listener", None)
    if listener is not None:
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)


def cut_subscriptions(layer: RedisLayer) -> None:
    """Break every pub/sub connection to the layer's database; other tests may run on others of the same Redis."""
    number = str(database_number(layer.url))
    for client in layer.publisher.client_list(_type="pubsub"):
        if client["db"] == number:
            layer.publisher.client_kill_filter(_id=client["id"])


async def receive(layer: LocalLayer, channel: str) -> dict[str, Any]:
    """The next message; only a broken test waits long."""
    return await asyncio.wait_for(layer.receive(channel), PATIENCE)


async def test_a_message_reaches_every_channel_of_its_group(layer: Any) -> None:
    first, second = await layer.new_channel(), await layer.new_channel()
    for channel in (first, second):
        await layer.group_add("porch", channel)
    await layer.group_send("porch", NEWS)
    assert await receive(layer, first) == NEWS
    assert await receive(layer, second) == NEWS


async def test_publishing_from_a_thread_arrives_in_order(layer: Any) -> None:
    channel = await layer.new_channel()
    await layer.group_add("porch", channel)

    def work() -> None:
        for number in range(50):
            layer.publish([("porch", {"type": "news", "n": number})])

    thread = threading.Thread(target=work)
    thread.start()
    heard = [(await receive(layer, channel))["n"] for _ in range(50)]
    thread.join()
    assert heard == list(range(50))


async def test_a_channel_that_left_hears_nothing_more(layer: Any) -> None:
    gone, staying = await layer.new_channel(), await layer.new_channel()
    for channel in (gone, staying):
        await layer.group_add("porch", channel)
    await layer.group_discard("porch", gone)
    await layer.group_discard("porch", gone)
    await layer.group_send("porch", NEWS)
    await receive(layer, staying)
    assert layer.queue(gone).empty()


async def test_groups_are_kept_apart(layer: Any) -> None:
    porch, garden = await layer.new_channel(), await layer.new_channel()
    await layer.group_add("porch", porch)
    await layer.group_add("garden", garden)
    await layer.group_send("porch", NEWS)
    await receive(layer, porch)
    assert layer.queue(garden).empty()


async def test_leaving_last_and_coming_back_hears_again(layer: Any) -> None:
    channel = await layer.new_channel()
    await layer.group_add("porch", channel)
    await layer.group_discard("porch", channel)
    await layer.group_add("porch", channel)
    await layer.group_send("porch", NEWS)
    assert await receive(layer, channel) == NEWS


async def test_a_channel_can_be_sent_to_alone(layer: Any) -> None:
    channel = await layer.new_channel()
    await layer.send(channel, NEWS)
    assert await receive(layer, channel) == NEWS


async def test_a_full_channel_misses_what_comes_and_others_do_not(layer: Any) -> None:
    layer.capacity = 2
    slow, quick = await layer.new_channel(), await layer.new_channel()
    for channel in (slow, quick):
        await layer.group_add("porch", channel)
    for number in range(4):
        await layer.group_send("porch", {"type": "news", "n": number})
        assert (await receive(layer, quick))["n"] == number
    assert layer.queue(slow).qsize() == 2
    with pytest.raises(ChannelFull):
        await layer.send(slow, NEWS)


async def test_what_is_no_json_never_travels(layer: Any) -> None:
    with pytest.raises(TypeError):
        layer.publish([("porch", {"type": "news", "thing": object()})])


@pytest.mark.parametrize("name", ["", "a b", "ü", "x" * 101])
async def test_bad_names_are_refused(layer: Any, name: str) -> None:
    with pytest.raises(TypeError):
        await layer.group_add(name, await layer.new_channel())
    with pytest.raises(TypeError):
        await layer.group_send(name, NEWS)


async def test_flushing_forgets_every_channel(layer: Any) -> None:
    channel = await layer.new_channel()
    await layer.group_add("porch", channel)
    await layer.flush()
    assert layer.groups == {}


async def test_a_receiver_that_is_cancelled_takes_its_queue_along(layer: Any) -> None:
    channel = await layer.new_channel()
    receiver = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0)
    receiver.cancel()
    await asyncio.gather(receiver, return_exceptions=True)
    assert channel not in layer.queues


@on_redis
async def test_a_message_reaches_other_processes(redis_layers: tuple[RedisLayer, RedisLayer]) -> None:
    here, there = redis_layers
    channel = await there.new_channel()
    await there.group_add("porch", channel)
    here.publish([("porch", NEWS)])
    assert await receive(there, channel) == NEWS
    await here.send(channel, NEWS)
    assert await receive(there, channel) == NEWS


@on_redis
async def test_the_layer_subscribes_again_when_its_connection_was_lost(
    redis_layers: tuple[RedisLayer, RedisLayer], caplog: pytest.LogCaptureFixture
) -> None:
    here, there = redis_layers
    first, second = await there.new_channel(), await there.new_channel()
    await there.group_add("porch", first)
    with caplog.at_level(logging.WARNING):
        cut_subscriptions(here)
        await until(lambda: "Redis is away" in caplog.text and there.subscription is not None)
    await there.group_add("garden", second)  # confirmed on the new connection, after the old groups
    here.publish([("porch", NEWS), ("garden", NEWS)])
    assert await receive(there, first) == NEWS
    assert await receive(there, second) == NEWS


@on_redis
async def test_what_cannot_be_understood_is_dropped_and_the_next_message_arrives(
    redis_layers: tuple[RedisLayer, RedisLayer], caplog: pytest.LogCaptureFixture
) -> None:
    here, there = redis_layers
    channel = await there.new_channel()
    await there.group_add("porch", channel)
    here.publisher.publish(there.topic("porch"), b"no json")
    here.publisher.publish(there.topic(there.process), b"[]")
    here.publish([("porch", NEWS)])
    assert await receive(there, channel) == NEWS
    assert caplog.text.count("could not be understood") == 2


@on_redis
async def test_databases_of_one_redis_are_kept_apart(redis_layers: tuple[RedisLayer, RedisLayer]) -> None:
    here, there = redis_layers
    elsewhere = RedisLayer(os.environ["REDIS_URL"].rpartition("/")[0] + "/9")
    channel = await there.new_channel()
    await there.group_add("porch", channel)
    elsewhere.publish([("porch", {"type": "news", "n": 2})])
    here.publish([("porch", NEWS)])
    assert await receive(there, channel) == NEWS


async def test_news_for_a_channel_whose_receiver_has_gone_makes_no_queue(layer: Any) -> None:
    gone, staying = await layer.new_channel(), await layer.new_channel()
    for channel in (gone, staying):
        await layer.group_add("porch", channel)
    receiver = asyncio.create_task(layer.receive(gone))
    await asyncio.sleep(0)
    receiver.cancel()
    await asyncio.gather(receiver, return_exceptions=True)
    await layer.group_send("porch", NEWS)
    await receive(layer, staying)
    assert gone not in layer.queues


def test_a_redis_that_hangs_is_left_alone_for_a_while() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hanging = RedisLayer(f"redis://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(redis.TimeoutError):
            hanging.publish([("porch", NEWS)])
        with pytest.raises(redis.ConnectionError, match="a moment ago"):
            hanging.publish([("porch", NEWS)])


async def until(condition: Any) -> None:
    """Let the loop run until the condition holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


def test_publishing_without_a_server_is_no_error() -> None:
    InProcessLayer().publish([("porch", NEWS)])


def test_a_redis_that_is_away_is_told_of_and_hurts_nobody(
    settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    away = RedisLayer("redis://127.0.0.1:1")
    with pytest.raises(redis.ConnectionError):
        away.publish([("porch", NEWS)])
    with layer_in_use(away):
        publish([("porch", NEWS)])
    assert "1 messages could not be published" in caplog.text


def test_a_layer_that_is_not_ours_is_sent_to_in_its_own_way() -> None:
    sent: list[tuple[str, dict[str, Any]]] = []

    class Recording(InMemoryChannelLayer):  # type: ignore[misc]
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            sent.append((group, message))
            await super().group_send(group, message)

    with layer_in_use(Recording()):
        publish([("porch", NEWS)])
    assert sent == [("porch", NEWS)]
