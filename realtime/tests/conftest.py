"""Fixtures for tests that talk to a running server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from hucares.tests.served_process import Serve, Server, servers
from realtime.tests.live import SocketOpener
from realtime.tests.served import serve_ready

PROCESSES = 3


@pytest.fixture(autouse=True)
def no_pause_between_heartbeats(settings: LazySettings) -> None:
    """Fences are made of heartbeats, and there are thousands."""
    settings.SOCKET_HEARTBEAT_PAUSE = 0.0


@pytest.fixture
def serve(transactional_db: None) -> Iterator[Serve]:
    """Makes servers of one process each, on the test's database; none outlives the test."""
    with servers() as make:

        def started(*arguments: str, **variables: str) -> Server:
            return serve_ready(make, *arguments, **variables)

        yield started


@pytest.fixture
def cluster(serve: Serve) -> Iterator[SocketOpener]:
    """Several running processes behind one port, which end well."""
    server = serve(WEB_CONCURRENCY=str(PROCESSES))
    yield SocketOpener(server.port)
    server.signal()
    code, errors = server.end()
    assert code == 0, errors
