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

from hucares.metrics import REGISTRY
from realtime.layer import InProcessLayer, RedisLayer, database_number
from realtime.local_layer import LocalLayer
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


def value_of(metric: str) -> float:
    """What has been counted so far."""
    return REGISTRY.get_sample_value(metric) or 0.0


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


async def test_whoever_attaches_is_handed_every_message_at_once(layer: Any) -> None:
    attached, receiving = await layer.new_channel(), await layer.new_channel()
    handed: list[dict[str, Any]] = []
    layer.attach(attached, lambda message, published_at: bool(handed.append(message)))
    for channel in (attached, receiving):
        await layer.group_add("porch", channel)
    await layer.group_send("porch", NEWS)
    await receive(layer, receiving)
    await layer.send(attached, {"type": "news", "n": 2})
    assert handed == [NEWS, {"type": "news", "n": 2}]
    layer.detach(attached)
    await layer.group_send("porch", NEWS)
    await receive(layer, receiving)
    assert len(handed) == 2


async def test_one_that_fails_does_not_keep_the_others_from_a_message(
    layer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    failing, receiving = await layer.new_channel(), await layer.new_channel()

    def fail(message: dict[str, Any], published_at: float) -> bool:
        raise ZeroDivisionError

    layer.attach(failing, fail)
    for channel in (failing, receiving):
        await layer.group_add("porch", channel)
    await layer.group_send("porch", NEWS)
    assert await receive(layer, receiving) == NEWS
    assert "could not be handed over" in caplog.text


async def test_what_was_sent_at_once_is_counted_and_timed(layer: Any) -> None:
    senders = [await layer.new_channel() for _ in range(3)]
    for channel, sends in zip(senders, (True, True, False), strict=True):
        layer.attach(channel, lambda message, published_at, sends=sends: sends)
        await layer.group_add("porch", channel)
    receiving = await layer.new_channel()
    await layer.group_add("porch", receiving)
    sent, timed = value_of("hucares_frames_sent_total"), value_of("hucares_publish_to_send_seconds_count")
    await layer.group_send("porch", NEWS)
    await receive(layer, receiving)
    assert value_of("hucares_frames_sent_total") == sent + 2
    assert value_of("hucares_publish_to_send_seconds_count") == timed + 1


async def test_a_message_that_nobody_received_in_time_is_gone(layer: Any) -> None:
    channel = await layer.new_channel()
    layer.expiry = 0
    await layer.send(channel, NEWS)
    layer.expiry = 60
    await layer.send(channel, {"type": "news", "n": 2})
    assert (await receive(layer, channel))["n"] == 2


async def test_messages_that_nobody_received_in_time_do_not_fill_a_channel(layer: Any) -> None:
    layer.capacity = 2
    channel = await layer.new_channel()
    layer.expiry = 0
    await layer.send(channel, NEWS)
    await layer.send(channel, NEWS)
    layer.expiry = 60
    await layer.send(channel, {"type": "news", "n": 2})
    assert (await receive(layer, channel))["n"] == 2


async def test_a_channel_that_forgot_to_leave_its_group_is_in_it_for_a_time_only(layer: Any) -> None:
    forgotten, staying = await layer.new_channel(), await layer.new_channel()
    layer.group_expiry = 0
    await layer.group_add("porch", forgotten)
    layer.group_expiry = 60
    await layer.group_add("porch", staying)
    await layer.group_send("porch", NEWS)
    await receive(layer, staying)
    assert forgotten not in layer.queues
    assert list(layer.groups["porch"]) == [staying]


async def test_whoever_joins_again_stays_for_longer(layer: Any) -> None:
    channel = await layer.new_channel()
    layer.group_expiry = 0
    await layer.group_add("porch", channel)
    layer.group_expiry = 60
    await layer.group_add("porch", channel)
    await layer.group_send("porch", NEWS)
    assert await receive(layer, channel) == NEWS


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
async def test_a_channel_of_no_process_is_refused(redis_layers: tuple[RedisLayer, RedisLayer]) -> None:
    with pytest.raises(ValueError, match="new_channel"):
        await redis_layers[0].send("worker", NEWS)


@on_redis
async def test_the_last_channel_that_leaves_ends_the_subscription(redis_layers: tuple[RedisLayer, RedisLayer]) -> None:
    here, there = redis_layers
    first, second = await there.new_channel(), await there.new_channel()
    for channel in (first, second):
        await there.group_add("porch", channel)
    await there.group_discard("porch", first)
    assert subscribers(here, "porch") == 1
    await there.group_discard("porch", second)
    await until(lambda: subscribers(here, "porch") == 0)


def subscribers(layer: RedisLayer, group: str) -> int:
    """How many processes Redis tells of a group."""
    ((_, count),) = layer.publisher.pubsub_numsub(layer.topic(group))
    return int(count)


@on_redis
async def test_while_redis_is_away_nobody_counts_as_heard(redis_layers: tuple[RedisLayer, RedisLayer]) -> None:
    here, there = redis_layers
    await there.group_add("porch", await there.new_channel())
    assert there.confirmed["porch"].is_set()
    cut_subscriptions(here)
    await until(lambda: not there.confirmed["porch"].is_set())
    await there.group_add("porch", await there.new_channel())  # waits until it is subscribed again
    assert there.confirmed["porch"].is_set()


@on_redis
async def test_flushing_ends_the_subscription(redis_layers: tuple[RedisLayer, RedisLayer]) -> None:
    here, there = redis_layers
    await there.group_add("porch", await there.new_channel())
    await there.flush()
    await until(lambda: subscribers(here, "porch") == 0)
    channel = await there.new_channel()
    await there.group_add("porch", channel)
    here.publish([("porch", NEWS)])
    assert await receive(there, channel) == NEWS


@on_redis
@pytest.mark.parametrize("protocol", [2, 3])
async def test_both_of_redis_protocols_are_understood(protocol: int) -> None:
    layer = RedisLayer(f"{os.environ['REDIS_URL']}?protocol={protocol}")
    channel = await layer.new_channel()
    await layer.group_add("porch", channel)
    layer.publish([("porch", NEWS)])
    assert await receive(layer, channel) == NEWS
    await stop(layer)


@on_redis
async def test_a_redis_that_refuses_the_subscription_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as admin:
        admin.acl_setuser("deaf", enabled=True, passwords=["+password"], commands=["+@all"], keys=["*"])
        try:
            url = os.environ["REDIS_URL"].replace("redis://", "redis://deaf:password@", 1)
            layer = RedisLayer(url)
            with caplog.at_level(logging.WARNING):
                await layer.group_add("porch", await layer.new_channel())
                await until(lambda: "Redis is away" in caplog.text)
            assert "permission" in caplog.text.lower()
            await stop(layer)
        finally:
            admin.acl_deluser("deaf")


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
