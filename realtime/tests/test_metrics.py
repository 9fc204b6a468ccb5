"""What the sockets and their news are counted by, as `/metrics` tells it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from accounts.tests.builders import make_session, signed_in
from accounts.tokens import access_token
from checkins.tests.builders import make_check_in
from groups.models import Group
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.figures import BEARER, TOKEN, Figures
from hucares.tests.fresh_process import closed_port
from hucares.tests.served_process import Server, servers
from realtime.layer import InProcessLayer, RedisLayer
from realtime.publish import publish
from realtime.tests.group_frames import url
from realtime.tests.layers import layer_in_use
from realtime.tests.live import LiveServer, SocketOpener
from realtime.tests.served import serve_ready

BY_SOCKET = {"transport": "socket"}
BY_HTTP = {"transport": "http"}


@pytest.fixture(autouse=True)
def token(settings: LazySettings, db: None) -> None:
    settings.METRICS_TOKEN = TOKEN


def told(name: str, **labels: str) -> float:
    """A figure of this process."""
    return Figures(Client().get("/metrics", headers=BEARER).content.decode()).value(name, **labels)


def replays() -> tuple[float, float]:
    """(by socket, by HTTP)."""
    return told("hucares_replays_total", **BY_SOCKET), told("hucares_replays_total", **BY_HTTP)


def test_reading_a_group_s_events_is_a_replay(alice: User, charlie: User, porch: Group) -> None:
    by_socket, by_http = replays()
    data_of(signed_in(alice).get(url(porch, "events")))
    assert replays() == (by_socket, by_http + 1)

    refusal_of(signed_in(charlie).get(url(porch, "events")), 404, "NOT_FOUND")
    refusal_of(signed_in(alice).get(url(porch, "events"), {"since": 99}), 400, "VALIDATION_ERROR")
    assert replays() == (by_socket, by_http + 1)


def test_joining_where_one_left_off_is_a_replay(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    make_check_in(alice, porch)
    by_socket, by_http = replays()
    with server.socket_of(bob, porch.pk) as client:  # joins without `since`
        assert replays() == (by_socket, by_http)
        client.join(porch.pk, since=0)
        client.join(porch.pk, since=1)
        assert replays() == (by_socket + 2, by_http)
        assert client.ask("join-group", {"groupId": str(porch.pk), "since": 99})["event"] == "error"
        assert replays() == (by_socket + 2, by_http)


def test_an_outsider_s_join_is_no_replay(server: LiveServer, charlie: User, porch: Group) -> None:
    before = replays()
    with server.socket_of(charlie) as client:
        assert client.ask("join-group", {"groupId": str(porch.pk), "since": 0})["event"] == "error"
    assert replays() == before


def messages(count: int) -> list[tuple[str, dict[str, str]]]:
    return [(f"group.{number}", {"type": "test"}) for number in range(count)]


def test_each_message_that_could_not_be_published_is_counted() -> None:
    before = told("hucares_publishes_failed_total")
    with layer_in_use(RedisLayer(f"redis://127.0.0.1:{closed_port()}/0")):
        publish(messages(2))
        publish(messages(1))  # Redis is not asked again so soon
    assert told("hucares_publishes_failed_total") == before + 3


def test_messages_that_are_published_are_not() -> None:
    before = told("hucares_publishes_failed_total")
    with layer_in_use(InProcessLayer()):
        publish(messages(2))
    assert told("hucares_publishes_failed_total") == before


def test_fifty_milliseconds_are_a_bound_of_the_time_from_publishing_to_sending() -> None:
    assert told("hucares_publish_to_send_seconds_bucket", le="0.05") <= told("hucares_publish_to_send_seconds_count")


@pytest.fixture
def pair(transactional_db: None) -> Iterator[Server]:
    """Two running server processes on the test's database."""
    with servers() as make:
        server = serve_ready(make, WEB_CONCURRENCY="2", METRICS_TOKEN=TOKEN)
        yield server
        server.signal()
        code, errors = server.end()
    assert code == 0, errors


@pytest.mark.needs_servers
def test_several_processes_tell_the_sum_of_all(pair: Server, alice: User, porch: Group) -> None:
    signed = {"Authorization": f"Bearer {access_token(make_session(alice))}"}
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            client = stack.enter_context(SocketOpener(pair.port).socket_of(alice))
            client.join(porch.pk, since=0)
    for _ in range(10):
        assert json.loads(pair.get(url(porch, "events"), signed))["success"]

    for _ in range(10):
        figures = Figures(pair.get("/metrics", BEARER))
        assert figures.value("hucares_replays_total", **BY_SOCKET) == 5
        assert figures.value("hucares_replays_total", **BY_HTTP) == 10
        assert figures.value("hucares_publishes_failed_total") == 0
    assert "NOT_AUTHENTICATED" in pair.get("/metrics", signed)
