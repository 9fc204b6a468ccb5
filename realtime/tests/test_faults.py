"""When something breaks behind a socket."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from channels.layers import channel_layers
from django.conf import LazySettings
from django.db import connection

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from checkins.tests.builders import make_check_in
from groups.models import Group
from hucares.tests.served_process import until
from realtime import connection as connection_of_sockets
from realtime.caretaker import caretaker
from realtime.channel_names import group_channel
from realtime.lifetime import SocketLife
from realtime.models import GroupEvent, UserSession
from realtime.tests.live import LiveServer


@contextlib.contextmanager
def missing_table(name: str) -> Iterator[None]:
    """A database whose table is gone for a while."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} RENAME TO {name}_gone")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {name}_gone RENAME TO {name}")


@pytest.mark.needs_servers
def test_while_the_database_is_away_both_sides_say_so(server: LiveServer, alice: User, porch: Group) -> None:
    token = access_token(make_session(alice))
    with server.socket_of(alice) as client:
        with unreachable_database():
            status, refused = server.call("GET", "/api/v1/groups", token=token)
            answer = client.ask("join-group", {"groupId": str(porch.pk)})
        assert (status, refused["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
        assert (answer["event"], answer["data"]["code"]) == ("error", "SERVICE_UNAVAILABLE")
        assert server.call("GET", "/api/v1/groups", token=token)[0] == 200
        client.join(porch.pk)


@contextlib.contextmanager
def unreachable_database() -> Iterator[None]:
    """A database that takes no new connections, and has lost the ones it had, as when it restarts."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(**{**connection.get_connection_params(), "dbname": "postgres"}, autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s",
                [name, connection.connection.info.backend_pid],
            )
            yield
        finally:
            other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_a_fault_of_ours_is_told_without_its_text_and_the_socket_lives_on(
    server: LiveServer, alice: User, bob: User, porch: Group, caplog: pytest.LogCaptureFixture
) -> None:
    check_in = make_check_in(alice, porch)
    GroupEvent.objects.update(data={})  # a row that no code of ours writes
    with server.socket_of(bob) as client:
        answer = client.ask("join-group", {"groupId": str(porch.pk), "since": 0})
        assert (answer["event"], answer["data"]["code"]) == ("error", "INTERNAL_ERROR")
        assert "checkInId" not in str(answer)
        assert "KeyError: 'checkInId'" in caplog.text
        GroupEvent.objects.update(data={"checkInId": str(check_in.pk)})
        assert client.join(porch.pk, since=0)["data"]["head"] == 1


def test_a_join_that_broke_leaves_nothing_behind_in_the_layer(server: LiveServer, bob: User, porch: Group) -> None:
    with server.socket_of(bob) as client:
        with missing_table("group_logs"):
            assert client.ask("join-group", {"groupId": str(porch.pk)})["event"] == "error"
        client.fence()
        assert group_channel(porch.pk) not in channel_layers["default"].groups


def test_credentials_that_cannot_be_renewed_now_do_not_end_a_socket_whose_own_are_good(
    server: LiveServer, bob: User, settings: LazySettings
) -> None:
    session = make_session(bob)
    with server.open() as client:
        client.authenticate(access_token(session))
        (consumer,) = caretaker.sockets
        assert isinstance(consumer, SocketLife)
        before = consumer.next_deadline()
        settings.SOCKET_AUTHENTICATION_SECONDS = 0.01
        with missing_table("sign_in_sessions"):
            answer = client.ask("authenticate", {"accessToken": access_token(session)})
        assert answer["event"] == "error"
        assert consumer.authenticate_by >= before[1]
        client.fence()


def test_heartbeats_do_not_wait_for_a_database_connection_that_hangs(
    server: LiveServer, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    sound = connection_of_sockets.look_around

    async def hang(*args: Any) -> Any:
        monkeypatch.setattr(connection_of_sockets, "look_around", sound)
        await asyncio.to_thread(over.wait, 20)

    monkeypatch.setattr("realtime.heartbeats.ROUND_SECONDS", 0.05)
    monkeypatch.setattr(connection_of_sockets, "look_around", hang)
    with server.socket_of(bob) as client:
        answer = client.ask("heartbeat")
        assert (answer["event"], answer["data"]["code"]) == ("error", "SERVICE_UNAVAILABLE")
        monkeypatch.setattr("realtime.heartbeats.ROUND_SECONDS", 10.0)
        assert client.ask("heartbeat")["event"] == "ack"
    over.set()


def test_a_socket_whose_row_cannot_be_stamped_leaves_nothing_behind_either(
    server: LiveServer, bob: User, porch: Group
) -> None:
    with server.socket_of(bob, porch.pk) as client, missing_table("user_sessions"):
        client.connection.close()
        until(lambda: not caretaker.sockets)
    assert (channel_layers["default"].groups, channel_layers["default"].takers) == ({}, {})
    assert UserSession.objects.get().closed_at is None  # it will be found silent
