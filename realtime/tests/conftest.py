"""Fixtures for tests that talk to a running server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from realtime.tests.live import LiveServer


@pytest.fixture(scope="session")
def running_server() -> Iterator[LiveServer]:
    """The server behind `server`; started once."""
    live = LiveServer()
    live.start()
    yield live
    live.stop()


@pytest.fixture
def server(transactional_db: None, running_server: LiveServer) -> LiveServer:
    """A running server on the test's database."""
    return running_server
