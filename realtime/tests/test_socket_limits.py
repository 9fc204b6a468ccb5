"""How much a socket may send, how many there may be, and how long they live."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta

import pytest
from channels.layers import InMemoryChannelLayer
from django.conf import LazySettings
from django.utils import timezone

from accounts.errors import SessionRevoked
from accounts.models import Session, User
from accounts.sessions import Device, end_sessions
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from groups.models import Group
from hucares import throttling
from hucares.tests.racing import at_once
from hucares.tests.served_process import until
from realtime import strangers
from realtime.layer import RedisLayer
from realtime.limits import Allowance, TooManySockets
from realtime.models import UserSession
from realtime.presence import open_socket
from realtime.processes import living
from realtime.tests.layers import layer_in_use
from realtime.tests.live import Client, LiveServer

MOST = 10
MOST_STRANGERS = 20


# --- Frames ---


def test_forty_frames_at_a_stretch_and_then_twenty_a_second() -> None:
    allowance = Allowance(100.0)
    assert [allowance.spend(100.0) for _ in range(41)] == [True] * 40 + [False]
    assert [allowance.spend(100.5) for _ in range(11)] == [True] * 10 + [False]
    assert [allowance.spend(200.0) for _ in range(41)] == [True] * 40 + [False]


def test_a_hundred_refused_frames_within_ten_seconds_are_abuse() -> None:
    allowance = Allowance(0.0)
    allowance.tokens = -1000.0
    for _ in range(99):
        allowance.spend(1.0)
    assert not allowance.is_abused(1.0)
    allowance.spend(11.0)
    assert allowance.is_abused(11.0)
    allowance.spend(11.5)
    assert not allowance.is_abused(11.5)  # the first of the last hundred is older than that


def flood(client: Client, times: int) -> None:
    for number in range(times):
        client.connection.send(json.dumps({"event": "nothing", "ref": f"f{number}"}))


@pytest.fixture
def four_frames(settings: LazySettings) -> None:
    """A small allowance that is not filled up during a test."""
    settings.SOCKET_FRAMES_PER_SECOND = 0.0
    settings.SOCKET_FRAME_BURST = 4


def test_a_frame_too_many_is_refused_under_its_ref_and_not_carried_out(
    server: LiveServer, alice: User, porch: Group, four_frames: None
) -> None:
    with server.open() as client:
        client.authenticate(access_token(make_session(alice)))
        for _ in range(3):
            assert client.ask("heartbeat")["event"] == "ack"
        answer = client.ask("join-group", {"groupId": str(porch.pk)})
        assert (answer["event"], answer["data"]["code"], answer["before"]) == ("error", "RATE_LIMITED", [])
        for text in ('{"event": "heartbeat"}', "no frame"):
            client.connection.send(text)
            error = client.expect("error")
            assert (error["data"]["code"], "ref" in error) == ("RATE_LIMITED", False)
        client.connection.send('{"event": 5, "ref": "r"}')
        assert client.expect("error")["ref"] == "r"


def test_whoever_goes_on_after_a_hundred_refusals_is_closed(server: LiveServer, alice: User, four_frames: None) -> None:
    with server.open() as client:
        client.authenticate(access_token(make_session(alice)))
        with contextlib.suppress(OSError):
            flood(client, 3 + 100)
        codes = [client.receive()["data"]["code"] for _ in range(103)]
        assert codes == ["VALIDATION_ERROR"] * 3 + ["RATE_LIMITED"] * 100
        assert client.close_code() == 4429


def test_frames_that_are_wrong_but_few_close_nothing(server: LiveServer, alice: User, settings: LazySettings) -> None:
    settings.SOCKET_FRAME_BURST = 200
    with server.socket_of(alice) as client:
        flood(client, 150)
        assert {frame["data"]["code"] for frame in client.fence()} == {"VALIDATION_ERROR"}


def test_a_stranger_is_limited_too(server: LiveServer, db: None, four_frames: None) -> None:
    with server.open() as client:
        flood(client, 104)
        codes = [client.receive()["data"]["code"] for _ in range(104)]
        assert codes == ["NOT_AUTHENTICATED"] * 4 + ["RATE_LIMITED"] * 100
        assert client.close_code() == 4429


# --- Sockets of a person ---


def make_rows(user: User, count: int, **fields: object) -> None:
    for number in range(count):
        UserSession.objects.create(user=user, socket_id=f"specific.elsewhere!{number}", **fields)


def test_the_newest_of_too_many_sockets_is_closed(server: LiveServer, alice: User) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.socket_of(alice)) for _ in range(MOST)]
        with server.open() as late:
            answer = late.ask("authenticate", {"accessToken": access_token(make_session(alice))})
            assert (answer["event"], answer["data"]["code"]) == ("error", "RATE_LIMITED")
            assert late.close_code() == 4429
        assert UserSession.objects.filter(closed_at=None).count() == MOST
        assert clients[0].fence() == clients[-1].fence() == []

        clients[0].connection.close()
        until(lambda: UserSession.objects.filter(closed_at=None).count() == MOST - 1)
        stack.enter_context(server.socket_of(alice))


def test_other_peoples_sockets_do_not_count(server: LiveServer, alice: User, bob: User) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(MOST):
            stack.enter_context(server.socket_of(alice))
        assert stack.enter_context(server.socket_of(bob)).fence() == []


def test_of_sockets_that_open_at_once_as_many_stay_as_may(server: LiveServer, alice: User) -> None:
    with server.socket_of(alice) as client:  # so that the process is known to live
        name = UserSession.objects.get().socket_id
        session = make_session(alice).pk

        def try_to_open(_: int) -> bool:
            try:
                open_socket(session, name, Device())
            except TooManySockets:
                return False
            return True

        assert sum(at_once(MOST + 3, try_to_open)) == MOST - 1
        assert client.fence() == []
    assert UserSession.objects.count() == MOST


def test_sockets_of_processes_that_died_lock_nobody_out(server: LiveServer, alice: User) -> None:
    make_rows(alice, MOST)  # they have been heard of a moment ago
    with server.socket_of(alice) as client:
        assert client.fence() == []


def test_where_it_cannot_be_told_every_process_lives() -> None:
    names = ["specific.elsewhere!1", "specific.elsewhere!2"]
    for layer in (RedisLayer("redis://127.0.0.1:1"), InMemoryChannelLayer()):
        with layer_in_use(layer):
            assert living(names) == names


def test_what_has_closed_is_forgotten_when_the_next_socket_opens(server: LiveServer, alice: User) -> None:
    make_rows(alice, MOST, closed_at=timezone.now())
    with server.socket_of(alice):
        assert UserSession.objects.count() == 1


def test_silent_and_closed_sockets_do_not_count(server: LiveServer, alice: User) -> None:
    make_rows(alice, MOST, closed_at=timezone.now())
    make_rows(alice, MOST, last_heartbeat=timezone.now() - timedelta(minutes=5))
    with server.socket_of(alice) as client:
        assert client.fence() == []


def test_a_session_that_has_ended_opens_no_row(transactional_db: None, alice: User) -> None:
    session = make_session(alice)
    end_sessions([session])
    with pytest.raises(SessionRevoked):
        open_socket(session.pk, "x", Device())
    assert not UserSession.objects.exists()


# --- Strangers ---


def test_the_newest_of_too_many_strangers_of_an_address_is_closed(
    server: LiveServer, alice: User, settings: LazySettings
) -> None:
    settings.SOCKET_AUTHENTICATION_SECONDS = 60.0
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(server.open()) for _ in range(MOST_STRANGERS)]
        for client in waiting:
            assert client.ask("heartbeat")["data"]["code"] == "NOT_AUTHENTICATED"
        with server.open() as late:
            assert late.close_code() == 4429

        waiting[0].authenticate(access_token(make_session(alice)))  # is no stranger any more
        waiting[1].connection.close()
        until(lambda: len(strangers.here["127.0.0.1"]) == MOST_STRANGERS - 2)
        for _ in range(2):
            client = stack.enter_context(server.open())
            assert client.ask("heartbeat")["data"]["code"] == "NOT_AUTHENTICATED"
        with server.open() as late:
            assert late.close_code() == 4429
    until(lambda: not strangers.here)


async def test_addresses_are_counted_apart(settings: LazySettings) -> None:
    settings.SOCKETS_PER_STRANGER = 1
    assert [await strangers.admit(address, "a") for address in ("192.0.2.1", "192.0.2.2")] == [True, True]
    assert not await strangers.admit("192.0.2.1", "b")
    await strangers.release("192.0.2.1", "b")  # was not let in, and takes nobody's place
    assert not await strangers.admit("192.0.2.1", "b")
    for address in ("192.0.2.1", "192.0.2.2"):
        await strangers.release(address, "a")
    assert strangers.here == {}


@pytest.mark.needs_servers
async def test_a_stranger_of_a_process_that_died_drops_out(settings: LazySettings) -> None:
    settings.SOCKETS_PER_STRANGER = 1
    settings.SOCKET_AUTHENTICATION_SECONDS = 0.05
    assert await strangers.admit("192.0.2.3", "a")
    strangers.here.clear()  # so does the process's memory
    while not await strangers.admit("192.0.2.3", "b"):
        pass
    await strangers.release("192.0.2.3", "b")


async def test_while_redis_is_away_each_process_counts_for_itself(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SOCKETS_PER_STRANGER = 1
    settings.REDIS_URL = "redis://127.0.0.1:1"
    monkeypatch.setattr(throttling, "_away_until", 0.0)
    throttling.shared_storage.cache_clear()
    assert [await strangers.admit("192.0.2.4", name) for name in ("a", "b")] == [True, False]
    await strangers.release("192.0.2.4", "a")
    assert await strangers.admit("192.0.2.4", "b")
    await strangers.release("192.0.2.4", "b")
    throttling.shared_storage.cache_clear()


# --- Time ---


def test_a_socket_lives_for_so_long_and_no_longer(server: LiveServer, alice: User, settings: LazySettings) -> None:
    settings.SOCKET_LIFETIME_SECONDS = 1.0
    with server.socket_of(alice) as client:
        assert client.close_code() == 1012


@pytest.mark.parametrize("ending", ["revoked", "deactivated", "gone"])
def test_a_session_whose_end_was_not_heard_of_is_found_out_though_the_client_says_nothing(
    server: LiveServer, alice: User, bob: User, settings: LazySettings, ending: str
) -> None:
    settings.SOCKET_CHECK_SECONDS = 0.05
    with server.socket_of(alice) as client, server.socket_of(bob) as other:
        if ending == "revoked":
            Session.objects.filter(user=alice).update(revoked_at=timezone.now())
        elif ending == "deactivated":
            User.objects.filter(pk=alice.pk).update(is_active=False)
        else:
            Session.objects.filter(user=alice).delete()
        assert client.close_code() == 4401
        assert other.fence() == []


def test_frames_are_not_compressed(server: LiveServer, alice: User) -> None:
    with server.open(compression="deflate") as client:
        client.authenticate(access_token(make_session(alice)))
        assert client.connection.protocol.extensions == []
