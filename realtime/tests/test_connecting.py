"""Opening a socket and saying who one is."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from channels.layers import channel_layers
from django.conf import LazySettings
from django.utils import timezone
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from accounts.models import Session, User
from accounts.sessions import end_sessions
from accounts.tests.builders import make_session
from accounts.tokens import access_token, refresh_token
from hucares.tests.served_process import until
from notifications.kinds import FRIEND_CHECK_IN
from notifications.services import notify
from realtime import connection, messages
from realtime.channel_names import user_channel
from realtime.models import UserSession
from realtime.publish import publish
from realtime.tests.live import FENCE, LiveServer


def test_ready_tells_who_and_for_how_long(server: LiveServer, alice: User) -> None:
    notify(FRIEND_CHECK_IN, [alice.pk], {"username": "bob", "groupName": "The Porch"})
    session = make_session(alice)
    with server.open() as client:
        ready = client.authenticate(access_token(session))["data"]
        assert ready == {
            "connectionId": str(UserSession.objects.get(user=alice).pk),
            "userId": str(alice.pk),
            "heartbeatInterval": 25,
            "tokenExpiresAt": ready["tokenExpiresAt"],
            "unreadCount": 1,
        }
        left = datetime.fromisoformat(ready["tokenExpiresAt"]) - timezone.now()
        assert timedelta(minutes=14) < left <= timedelta(minutes=15)


def test_each_socket_is_a_row_until_it_closes(server: LiveServer, alice: User) -> None:
    with server.open(user_agent_header="a phone") as client:
        client.authenticate(access_token(make_session(alice)))
        row = UserSession.objects.get()
        assert (row.user, row.user_agent, row.ip_address, row.closed_at) == (alice, "a phone", "127.0.0.1", None)
    closed = UserSession.objects.filter(closed_at__isnull=False)
    until(lambda: closed.count() == 1)


def test_the_subprotocol_is_optional(server: LiveServer, alice: User) -> None:
    with server.open(subprotocols=["hucares.v1"]) as client:
        assert client.connection.subprotocol == "hucares.v1"
        client.authenticate(access_token(make_session(alice)))
    with server.open() as client:
        assert client.connection.subprotocol is None


@pytest.mark.parametrize("event", ["join-group", "heartbeat", "leave-group", "nonsense"])
def test_before_authenticating_everything_else_is_an_error(server: LiveServer, alice: User, event: str) -> None:
    with server.open() as client:
        answer = client.ask(event)
        assert (answer["event"], answer["data"]["code"]) == ("error", "NOT_AUTHENTICATED")
        client.authenticate(access_token(make_session(alice)))


def bad_tokens(session: Session) -> dict[str, str]:
    return {"nonsense": "x.y.z", "empty": "", "of the wrong class": refresh_token(session)}


@pytest.mark.parametrize("kind", ["nonsense", "empty", "of the wrong class"])
def test_a_bad_token_closes_the_socket(server: LiveServer, alice: User, kind: str) -> None:
    with server.open() as client:
        answer = client.ask("authenticate", {"accessToken": bad_tokens(make_session(alice))[kind]})
        assert (answer["event"], answer["data"]["code"]) == ("error", "TOKEN_INVALID")
        assert client.close_code() == 4401
    assert not UserSession.objects.exists()


def test_an_expired_token_closes_the_socket(server: LiveServer, alice: User) -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=16)):
        token = access_token(make_session(alice))
    with server.open() as client:
        assert client.ask("authenticate", {"accessToken": token})["data"]["code"] == "TOKEN_EXPIRED"
        assert client.close_code() == 4401


def test_a_token_of_a_revoked_session_closes_the_socket(server: LiveServer, alice: User) -> None:
    session = make_session(alice)
    end_sessions([session])
    with server.open() as client:
        assert client.ask("authenticate", {"accessToken": access_token(session)})["data"]["code"] == "SESSION_REVOKED"
        assert client.close_code() == 4401


def test_a_token_of_an_inactive_person_closes_the_socket(server: LiveServer, alice: User) -> None:
    token = access_token(make_session(alice))
    User.objects.filter(pk=alice.pk).update(is_active=False)
    with server.open() as client:
        assert client.ask("authenticate", {"accessToken": token})["data"]["code"] == "SESSION_REVOKED"
        assert client.close_code() == 4401


def test_whoever_says_nothing_is_closed(server: LiveServer, settings: LazySettings) -> None:
    settings.SOCKET_AUTHENTICATION_SECONDS = 0.05
    with server.open() as client:
        assert client.close_code() == 4401


def test_a_session_that_ends_while_its_socket_authenticates_ends_the_socket(
    server: LiveServer, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session(alice)
    opened = connection.open_socket

    async def open_and_end(*arguments: Any) -> UUID:
        row_id = await opened(*arguments)
        heard = list(channel_layers["default"].takers.values())
        await asyncio.to_thread(publish, messages.sessions_ended(alice.pk, [session.pk]))
        while not any(take.__self__.ended for take in heard):
            await asyncio.sleep(0.01)
        return row_id

    monkeypatch.setattr(connection, "open_socket", open_and_end)
    with server.open() as client:
        client.send("authenticate", {"accessToken": access_token(session)})
        assert client.expect("error")["data"]["code"] == "SESSION_REVOKED"
        assert client.close_code() == 4401


def test_nothing_passes_after_the_end_of_a_session_though_it_comes_at_the_same_moment(
    server: LiveServer, alice: User
) -> None:
    session = make_session(alice)
    with server.open() as client:
        client.authenticate(access_token(session))
        news = (user_channel(alice.pk), {"type": "user.frame", "text": json.dumps({"event": FENCE})})
        publish([*messages.sessions_ended(alice.pk, [session.pk]), news])
        with pytest.raises(ConnectionClosed) as closed:
            client.receive()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


def test_whoever_falls_silent_is_closed(server: LiveServer, alice: User, settings: LazySettings) -> None:
    settings.SOCKET_SILENCE_SECONDS = 1.0
    settings.SOCKET_AUTHENTICATION_SECONDS = 0.5
    with server.socket_of(alice) as client:
        assert client.close_code() == 4408


def test_a_socket_ends_with_its_token(server: LiveServer, alice: User, settings: LazySettings) -> None:
    settings.ACCESS_TOKEN_LIFETIME = timedelta(seconds=2)
    settings.SOCKET_AUTHENTICATION_SECONDS = 0.5
    with server.socket_of(alice) as client:
        assert client.close_code() == 4401


def test_a_newer_token_of_the_same_session_keeps_it_open(server: LiveServer, alice: User) -> None:
    session = make_session(alice)
    with server.open() as client:
        first = client.authenticate(access_token(session))["data"]
        answer = client.ask("authenticate", {"accessToken": access_token(session)})
        assert answer["event"] == "ack"
        assert [frame["event"] for frame in answer["before"]] == ["ready"]
        assert answer["before"][0]["data"]["connectionId"] == first["connectionId"]
    assert UserSession.objects.count() == 1


def test_a_token_of_another_session_closes_the_socket(server: LiveServer, alice: User, bob: User) -> None:
    with server.socket_of(alice) as client:
        answer = client.ask("authenticate", {"accessToken": access_token(make_session(bob))})
        assert answer["data"]["code"] == "TOKEN_INVALID"
        assert client.close_code() == 4401


def test_logging_out_closes_the_sockets_of_that_session_alone(server: LiveServer, alice: User) -> None:
    ending, staying = make_session(alice), make_session(alice)
    with server.open() as closed, server.open() as open_still:
        closed.authenticate(access_token(ending))
        open_still.authenticate(access_token(staying))
        status, _ = server.call("POST", "/api/v1/auth/logout", {}, access_token(ending))
        assert status == 200
        assert closed.close_code() == 4401
        assert open_still.fence() == []


@pytest.mark.parametrize(
    "origin",
    ["http://127.0.0.1:5173", "http://localhost", "https://testserver", "https://app.example", "http://[::1]:8000"],
)
def test_pages_of_ours_may_connect(server: LiveServer, alice: User, settings: LazySettings, origin: str) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", "[::1]"]
    with server.open(origin=origin) as client:
        client.authenticate(access_token(make_session(alice)))


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://testserver.evil.example", "file://testserver", "http://["]
)
def test_foreign_pages_are_refused(server: LiveServer, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, server.open(origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_a_lost_word_of_a_sessions_end_is_found_out_at_the_next_heartbeat(server: LiveServer, alice: User) -> None:
    with server.socket_of(alice) as client:
        Session.objects.update(revoked_at=timezone.now())
        answer = client.ask("heartbeat")
        assert (answer["event"], answer["data"]["code"]) == ("error", "SESSION_REVOKED")
        assert client.close_code() == 4401


def test_somebody_who_is_deactivated_is_found_out_too(server: LiveServer, alice: User) -> None:
    with server.socket_of(alice) as client:
        User.objects.filter(pk=alice.pk).update(is_active=False)
        assert client.ask("heartbeat")["data"]["code"] == "SESSION_REVOKED"
        assert client.close_code() == 4401


def test_another_path_is_no_socket(server: LiveServer) -> None:
    with pytest.raises(InvalidStatus), connect(f"ws://127.0.0.1:{server.port}/elsewhere"):
        pass


def test_a_frame_over_a_mebibyte_closes_the_socket(server: LiveServer, alice: User) -> None:
    with server.socket_of(alice) as client:
        with pytest.raises(ConnectionClosed) as closed:
            # In two parts, the second tiny: a server that closes on much unread data resets the connection.
            client.connection.send([json.dumps({"event": "heartbeat", "data": {"x": "y" * 1024 * 1000}}), " " * 25_000])
            client.receive()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
