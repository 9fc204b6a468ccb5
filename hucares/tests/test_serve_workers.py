"""Several workers behind one listener: they end together, and one that dies is replaced."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from hucares.tests.served_process import WAIT_SECONDS, Serve, Server, answers, servers, until

pytestmark = pytest.mark.needs_servers

TWO = {
    "WEB_CONCURRENCY": "2",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1",
}


@pytest.fixture
def serve() -> Iterator[Serve]:
    with servers() as make:
        yield make


def workers(server: Server) -> set[str]:
    """The process ids of the workers that answer; asks until there are two."""
    seen: set[str] = set()

    def two_answer() -> bool:
        if answers(server):
            seen.add(server.ask()[1])
        return len(seen) > 1

    until(two_answer)
    return seen


def test_two_workers_drain_together(serve: Serve) -> None:
    server = serve(**TWO)
    workers(server)
    with connect(f"ws://127.0.0.1:{server.port}/ws") as client:
        signalled = time.monotonic()
        server.signal()
        until(lambda: server.ask()[0] == "draining")
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(WAIT_SECONDS)

    exit_code, errors = server.end()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    assert (exit_code, "Traceback" in errors) == (0, False)
    assert time.monotonic() - signalled < 10


def test_a_signal_to_all_processes_at_once_drains_too(serve: Serve) -> None:
    server = serve(**TWO)
    workers(server)

    signalled = time.monotonic()
    os.killpg(server.process.pid, signal.SIGINT)

    exit_code, errors = server.end()
    assert (exit_code, "Traceback" in errors) == (0, False)
    assert time.monotonic() - signalled >= 1.0


def test_a_worker_that_dies_is_replaced(serve: Serve) -> None:
    server = serve(**TWO)
    before = workers(server)
    dead = server.ask()[1]
    os.kill(int(dead), signal.SIGKILL)

    until(lambda: bool(workers(server) - before))

    server.signal()
    assert server.end()[0] == 0


def test_a_second_signal_kills_the_workers(serve: Serve) -> None:
    server = serve(DRAIN_SECONDS="30", **TWO)
    workers(server)
    server.signal()
    until(lambda: server.ask()[0] == "draining")

    server.signal()

    assert server.end()[0] == 0


def test_workers_end_when_their_supervisor_is_killed(serve: Serve) -> None:
    server = serve(DRAIN_SECONDS="0", **TWO)
    pids = [int(pid) for pid in workers(server)]

    server.signal(signal.SIGKILL)

    server.process.wait(WAIT_SECONDS)
    until(lambda: not any(alive(pid) for pid in pids))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_workers_that_cannot_load_the_application_stop_the_start(serve: Serve) -> None:
    assert serve("hucares.tests.missing:application", **TWO).end()[0] == 3
