"""Fixtures for tests that talk to a running server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from realtime.tests.live import LiveServer


@pytest.fixture(scope="session")
def running_server() -> Iterator[LiveServer]:
    """The server behind `server`; started once."""
    live = LiveServer()
    with override_settings(WORKER_IN_SERVER=False):  # it would do its jobs on the database of whichever test runs
        live.start()
    yield live
    live.stop()


@pytest.fixture
def server(transactional_db: None, running_server: LiveServer) -> Iterator[LiveServer]:
    """A running server on the test's database; what it does for sockets is over before that is emptied."""
    yield running_server
    running_server.settle()
