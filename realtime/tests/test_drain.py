"""A server of several processes is told to end while people are connected and a request is under way."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from checkins.models import CheckIn
from groups.models import Group
from groups.tests.builders import make_group
from hucares.tests.racing import is_waited_for
from hucares.tests.served_process import Serve, Server, until
from realtime.models import GroupEvent, UserSession
from realtime.tests.group_frames import updated, url
from realtime.tests.live import Client, SocketOpener

pytestmark = pytest.mark.needs_servers
SOCKETS = 6  # of each of two people
GONE_WITHIN = 10.0  # seconds
CHECK_IN = {"productive": 8, "satisfied": 7, "body": 6, "care": 9}


@contextlib.contextmanager
def check_in_under_way(opener: SocketOpener, user: User, group: Group) -> Iterator[Future[tuple[int, Any]]]:
    """A request that has begun in the server, and cannot end before the block does."""
    body, token = {"groupId": str(group.pk), **CHECK_IN}, access_token(make_session(user))
    locked, done = threading.Event(), threading.Event()

    def hold_the_group() -> None:
        try:
            with transaction.atomic():
                Group.objects.select_for_update(no_key=True).get(pk=group.pk)
                locked.set()
                done.wait(60)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        threads.submit(hold_the_group)
        assert locked.wait(GONE_WITHIN)
        answer = threads.submit(opener.call, "POST", "/api/v1/checkins", body, token)
        try:
            until(is_waited_for)
            yield answer
        finally:
            done.set()


def readiness(server: Server) -> tuple[int, str]:
    """Status and state of the process, as a proxy asks for it; (0, "") when nobody takes the question."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=GONE_WITHIN)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/health/ready")
        response = connection.getresponse()
        return response.status, json.loads(response.read())["checks"]["process"]
    return 0, ""


@pytest.fixture
def garden(alice: User, bob: User) -> Group:
    """Another group of the two, in which nothing is under way."""
    return make_group(alice, bob, name="The Garden")


def test_it_turns_unready_closes_sockets_stamps_their_rows_and_finishes_what_it_has_begun(
    serve: Serve, alice: User, bob: User, porch: Group, garden: Group
) -> None:
    server = serve(WEB_CONCURRENCY="3", DRAIN_SECONDS="3")
    opener = SocketOpener(server.port)
    with contextlib.ExitStack() as stack:
        people = [alice, bob] * SOCKETS
        clients = [stack.enter_context(opener.socket_of(user, porch.pk, garden.pk)) for user in people]
        with check_in_under_way(opener, alice, porch) as answer:
            signalled = time.monotonic()
            server.signal()
            until(lambda: readiness(server) == (503, "draining"))
            assert_still_served(opener, clients, alice, garden)
            assert [client.close_code() for client in clients] == [1012] * len(clients)
            assert not answer.done()
        assert answer.result()[0] == 201
    code, errors = server.end()
    assert time.monotonic() - signalled < GONE_WITHIN
    assert (code, "Traceback" in errors) == (0, False), errors

    assert CheckIn.objects.get().user == alice
    assert GroupEvent.objects.filter(group=porch).count() == 1
    rows = UserSession.objects.all()
    assert (rows.count(), rows.filter(closed_at=None).count()) == (2 * SOCKETS, 0)


def assert_still_served(opener: SocketOpener, clients: list[Client], admin: User, group: Group) -> None:
    """Requests are answered and sockets hear what happens, though no proxy sends new ones any more."""
    status, _ = opener.call("PUT", url(group), {"name": "The Last Rose"}, access_token(make_session(admin)))
    assert status == 200
    for client in clients:
        assert client.receive() == updated(group, 1, "settings-changed", fields=["name"])
    assert clients[0].ask("heartbeat")["event"] == "ack"
