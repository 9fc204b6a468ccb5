"""Clients that do not read what is sent to them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from accounts.models import User
from accounts.sessions import end_sessions
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from checkins.tests.builders import make_check_in
from groups.models import Group
from groups.services import update_group
from groups.tests.builders import make_group
from hucares.metrics import REGISTRY
from hucares.tests.served_process import until
from realtime import connection
from realtime.caretaker import caretaker
from realtime.channel_names import group_channel
from realtime.messages import group_frame
from realtime.models import UserSession
from realtime.news import MOST_WAITING, SocketNews
from realtime.publish import publish
from realtime.tests.live import FENCE, Client, LiveServer

LARGE = "x" * 50_000
ENOUGH = 2_000  # of these fill every buffer between the server and a client, whatever the system


@contextlib.contextmanager
def reader(server: LiveServer, user: User, group: Group) -> Iterator[Client]:
    """A client that has joined the group and keeps little of what it does not read."""
    with server.open(max_queue=1, close_timeout=0.1) as client:
        client.authenticate(access_token(make_session(user)))
        client.join(group.pk)
        yield client


def consumer_of(user: User) -> SocketNews:
    """The server's end of somebody's only socket."""
    (found,) = [socket for socket in caretaker.sockets if getattr(socket, "user_id", "") == str(user.pk)]
    assert isinstance(found, SocketNews)
    return found


class Crier:
    """Tells everybody in a group something large, again and again, no faster than the server takes it."""

    def __init__(self, group: Group, listener: Client) -> None:
        self.group = group
        self.listener = listener
        self.told = 0

    def tell(self) -> None:
        """Tell it once, and see that a member who reads has it: nothing is on its way to the server any more."""
        text = json.dumps({"event": FENCE, "data": LARGE, "number": self.told})
        publish([(group_channel(self.group.pk), group_frame(uuid4(), self.group.pk, 0, text))])
        assert self.listener.expect(FENCE)["number"] == self.told
        self.told += 1
        assert self.told < ENOUGH


@pytest.fixture
def crier(server: LiveServer, alice: User, porch: Group) -> Iterator[Crier]:
    """One whose members include Alice, who reads everything."""
    with server.socket_of(alice, porch.pk) as listener:
        yield Crier(porch, listener)


def closed_so_far() -> float:
    """How many slow readers were closed."""
    return REGISTRY.get_sample_value("hucares_slow_readers_closed_total") or 0.0


def test_a_client_that_reads_nothing_is_cut_off_and_the_others_do_not_notice(
    server: LiveServer, alice: User, bob: User, porch: Group, crier: Crier
) -> None:
    before = closed_so_far()
    with reader(server, bob, porch) as slow:
        consumer = consumer_of(bob)
        while not consumer.closing:
            crier.tell()
            assert len(consumer.waiting) <= MOST_WAITING
        assert closed_so_far() == before + 1
        until(lambda: UserSession.objects.exclude(closed_at=None).count() == 1)
        with pytest.raises(ConnectionClosed):
            for _ in range(ENOUGH):
                slow.receive()
        make_check_in(alice, porch)
        assert crier.listener.expect("check-in-saved")["seq"] == 1


def test_what_it_missed_is_in_the_log(server: LiveServer, alice: User, bob: User, porch: Group, crier: Crier) -> None:
    with reader(server, bob, porch):
        consumer = consumer_of(bob)
        while not consumer.waiting:
            crier.tell()
        make_check_in(alice, porch)  # waits behind those that the client does not take
        crier.listener.expect("check-in-saved")
        while not consumer.closing:
            crier.tell()
    with server.socket_of(bob) as back:
        missed = back.join(porch.pk, since=0)["before"]
        assert [(frame["event"], frame["seq"]) for frame in missed] == [("friend-checked-in", 1)]


def test_one_that_reads_again_in_time_gets_everything_in_order(
    server: LiveServer, alice: User, bob: User, porch: Group, crier: Crier
) -> None:
    before = closed_so_far()
    with reader(server, bob, porch) as slow:
        consumer = consumer_of(bob)
        while len(consumer.waiting) < MOST_WAITING // 2:
            crier.tell()
        make_check_in(alice, porch)
        assert [slow.receive()["number"] for _ in range(crier.told)] == list(range(crier.told))
        assert {slow.receive()["event"] for _ in range(2)} == {"friend-checked-in", "notification"}
        assert slow.fence() == []
    assert closed_so_far() == before


def test_one_that_neither_reads_nor_sends_is_cut_off_when_its_time_is_over(
    server: LiveServer, bob: User, porch: Group, crier: Crier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.lifetime.CLOSING_SECONDS", 0.2)
    with reader(server, bob, porch):
        consumer = consumer_of(bob)
        while not consumer.waiting:
            crier.tell()
        consumer.loop.call_soon_threadsafe(setattr, consumer, "opened_at", float("-inf"))
        consumer.loop.call_soon_threadsafe(consumer.mind_the_time)
        until(lambda: UserSession.objects.get(user=bob).closed_at is not None)
        until(lambda: consumer not in caretaker.sockets)


def test_one_that_reads_nothing_is_closed_all_the_same_when_its_session_ends(
    server: LiveServer, bob: User, porch: Group, crier: Crier
) -> None:
    with reader(server, bob, porch) as slow:
        consumer = consumer_of(bob)
        while not consumer.waiting:
            crier.tell()
        end_sessions(list(bob.sessions.all()))
        until(lambda: consumer.closing)
        crier.tell()
        assert slow.close_code() == 4401  # after what was on its way, and before what waited


def test_one_that_waits_for_the_database_is_not_taken_for_a_slow_reader_and_misses_nothing(
    server: LiveServer, alice: User, bob: User, porch: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    garden = make_group(alice, bob, name="The Garden")
    over = threading.Event()
    join = connection.join

    async def join_slowly(*arguments: Any) -> Any:
        await asyncio.to_thread(over.wait, 20)
        return await join(*arguments)

    monkeypatch.setattr("realtime.news.MOST_WAITING", 2)
    with server.socket_of(bob, porch.pk) as client:
        consumer = consumer_of(bob)
        monkeypatch.setattr(connection, "join", join_slowly)
        client.send("join-group", {"groupId": str(garden.pk)}, "slow")
        until(consumer.turn.locked)
        for number in range(5):
            update_group(user=alice, group_id=porch.pk, description=str(number))
        until(lambda: bool(consumer.behind))
        over.set()
        assert client.expect("ack")["ref"] == "slow"
        assert [client.expect("group-updated")["seq"] for _ in range(5)] == [1, 2, 3, 4, 5]
        assert client.fence() == []
