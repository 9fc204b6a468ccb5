"""The main job with several server processes on one PostgreSQL and one Redis."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest

from accounts.models import User
from checkins.tests.builders import make_check_in
from groups.models import Group
from hucares.serve import APPLICATION
from hucares.tests.served_process import Server, database_url, until
from realtime.tests.live import SocketOpener

pytestmark = pytest.mark.needs_servers
PROCESSES = 3
SOCKETS = 10


@pytest.fixture
def cluster(transactional_db: None) -> Iterator[SocketOpener]:
    """Several running server processes on the test's database."""
    server = Server(APPLICATION, **environment())
    until(lambda: is_ready(server))
    yield SocketOpener(server.port)
    server.signal()
    code, errors = server.end()
    assert code == 0, errors


def environment() -> dict[str, str]:
    """This process's settings, with the test's own database."""
    inherited = {name: value for name, value in os.environ.items() if name != "PORT"}
    return {**inherited, "DATABASE_URL": database_url(), "WEB_CONCURRENCY": str(PROCESSES), "DRAIN_SECONDS": "0"}


def is_ready(server: Server) -> bool:
    """Whether a process answers and has its database."""
    with contextlib.suppress(OSError):
        return '"status": "ok"' in server.get("/health/ready")
    return False


def test_a_check_in_reaches_sockets_of_every_process(
    cluster: SocketOpener, alice: User, bob: User, porch: Group
) -> None:
    with contextlib.ExitStack() as stack:
        at_bob = [stack.enter_context(cluster.socket_of(bob, porch.pk)) for _ in range(SOCKETS)]
        make_check_in(alice, porch)  # this test's process is one more that publishes
        for client in at_bob:
            assert {client.receive()["event"] for _ in range(2)} == {"friend-checked-in", "notification"}
        for client in at_bob:
            assert client.fence() == []
