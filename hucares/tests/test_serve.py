"""The production server, run as operators run it: started, asked, told to end."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parents[2]
COMMAND = "import sys; from hucares.serve import run; sys.exit(run(sys.argv[1]))"
TINY = "hucares.tests.tiny_app:application"
WAIT_SECONDS = 20.0


class Server:
    """`hucares.serve` in a process of its own, on a free port, with the environment given."""

    def __init__(self, application: str = TINY, **variables: str) -> None:
        self.port = free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "DEBUG": "1",
            "PORT": str(self.port),
            "DRAIN_SECONDS": "1",
            "WEB_CONCURRENCY": "1",
            "DJANGO_SETTINGS_MODULE": "hucares.settings",
            **variables,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, application],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def ask(self, path: str = "/") -> list[str]:
        """State, process id and client address, as the tiny application tells them."""
        return self.get(path).split()

    def get(self, path: str, headers: dict[str, str] | None = None) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        try:
            connection.request("GET", path, headers=headers or {})
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def started(self) -> Server:
        """Itself, once it answers."""
        until(lambda: answers(self))
        return self

    def signal(self, sent: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(sent)

    def end(self) -> tuple[int, str]:
        """Exit code and stderr."""
        _, errors = self.process.communicate(timeout=WAIT_SECONDS)
        return self.process.returncode, errors


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def answers(server: Server) -> bool:
    try:
        return bool(server.ask())
    except (OSError, http.client.HTTPException):
        assert server.process.poll() is None, server.end()
        return False


def until(true: Callable[[], bool]) -> None:
    """Waits for something to become true; fails after `WAIT_SECONDS`."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Makes servers, and sees to it that none outlives the test."""
    servers: list[Server] = []

    def make(*arguments: str, **variables: str) -> Server:
        servers.append(Server(*arguments, **variables))
        return servers[-1]

    yield make
    for server in servers:
        if server.process.poll() is None:
            os.killpg(server.process.pid, signal.SIGKILL)
            server.process.communicate()


Serve = Callable[..., Server]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_at_the_first_signal_it_turns_unready_and_ends_after_the_drain(serve: Serve, sent: signal.Signals) -> None:
    server = serve().started()
    assert server.ask()[0] == "ready"

    signalled = time.monotonic()
    server.signal(sent)
    until(lambda: server.ask()[0] == "draining")

    assert server.end()[0] == 0
    assert 1.0 <= time.monotonic() - signalled < 4.0


def test_an_open_request_ends_well(serve: Serve) -> None:
    server = serve(DRAIN_SECONDS="0").started()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_SECONDS)
    connection.request("GET", "/slow")

    server.signal()

    assert connection.getresponse().status == 200
    assert server.end()[0] == 0


def test_sockets_live_through_the_drain_and_are_closed_with_1012(serve: Serve) -> None:
    server = serve().started()
    with connect(f"ws://127.0.0.1:{server.port}/ws") as client:
        server.signal()
        until(lambda: server.ask()[0] == "draining")
        client.send("hello")
        assert client.recv() == "5"

        with pytest.raises(ConnectionClosed) as closed:
            client.recv(WAIT_SECONDS)

    exit_code, errors = server.end()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    assert "disconnected 1012" in errors
    assert exit_code == 0


def test_frames_are_neither_compressed_nor_over_a_mebibyte(serve: Serve) -> None:
    server = serve().started()
    with connect(f"ws://127.0.0.1:{server.port}/ws", max_size=None) as client:
        assert client.response is not None
        assert "Sec-WebSocket-Extensions" not in client.response.headers
        client.send("x" * 1024 * 1024)
        assert client.recv() == str(1024 * 1024)
        client.send("x" * (1024 * 1024 + 1))

        with pytest.raises(ConnectionClosed) as closed:
            client.recv(WAIT_SECONDS)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_a_second_signal_ends_it_at_once(serve: Serve) -> None:
    server = serve(DRAIN_SECONDS="30").started()
    server.signal()
    until(lambda: server.ask()[0] == "draining")

    server.signal()

    assert server.end()[0] == 0


def test_a_thread_that_hangs_does_not_keep_it(serve: Serve) -> None:
    server = serve(DRAIN_SECONDS="0").started()
    server.ask("/hang")

    server.signal()

    exit_code, errors = server.end()
    assert exit_code == 1
    assert "abandoned" in errors


def test_it_does_not_believe_a_forwarded_address(serve: Serve) -> None:
    server = serve().started()

    assert server.get("/", {"X-Forwarded-For": "6.6.6.6"}).split()[2] == "127.0.0.1"


def test_it_does_not_tell_what_it_is(serve: Serve) -> None:
    server = serve().started()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_SECONDS)
    connection.request("GET", "/")

    assert "Server" not in connection.getresponse().headers
    connection.close()


def test_requests_are_not_logged_in_production(serve: Serve) -> None:
    names = ("SECRET_KEY", "JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET", "PIN_PEPPER")
    server = serve(DEBUG="0", **{name: name * 8 for name in names}).started()
    server.signal()
    output, _ = server.process.communicate(timeout=WAIT_SECONDS)

    assert "GET" not in output


def test_a_wrong_setting_stops_the_start_with_a_sentence(serve: Serve) -> None:
    exit_code, errors = serve(DRAIN_SECONDS="soon").end()

    assert exit_code == 2
    assert errors == "hucares: DRAIN_SECONDS must be a number from 0 to 60, not 'soon'.\n"


def test_a_port_in_use_stops_the_start_with_a_sentence(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        exit_code, errors = serve(PORT=str(port)).end()

    assert exit_code == 1
    assert errors == f"hucares: cannot listen on 127.0.0.1 port {port}: Address already in use.\n"


@pytest.mark.parametrize("application", ["hucares.tests.missing:application", "hucares.tests.tiny_app:missing"])
def test_an_application_that_cannot_be_loaded_stops_the_start(serve: Serve, application: str) -> None:
    assert serve(application).end()[0] == 3


# --- Several processes ----------------------------------------------------------------------------------

TWO = {
    "WEB_CONCURRENCY": "2",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1",
}


def workers(server: Server) -> set[str]:
    """The process ids of the workers that answer; asks until there are two."""
    seen: set[str] = set()

    def two_answer() -> bool:
        if answers(server):
            seen.add(server.ask()[1])
        return len(seen) > 1

    until(two_answer)
    return seen


@pytest.mark.needs_servers
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


@pytest.mark.needs_servers
def test_a_signal_to_all_processes_at_once_drains_too(serve: Serve) -> None:
    server = serve(**TWO)
    workers(server)

    signalled = time.monotonic()
    os.killpg(server.process.pid, signal.SIGINT)

    exit_code, errors = server.end()
    assert (exit_code, "Traceback" in errors) == (0, False)
    assert time.monotonic() - signalled >= 1.0


@pytest.mark.needs_servers
def test_a_worker_that_dies_is_replaced(serve: Serve) -> None:
    server = serve(**TWO)
    before = workers(server)
    dead = server.ask()[1]
    os.kill(int(dead), signal.SIGKILL)

    until(lambda: bool(workers(server) - before))

    server.signal()
    assert server.end()[0] == 0


@pytest.mark.needs_servers
def test_a_second_signal_kills_the_workers(serve: Serve) -> None:
    server = serve(DRAIN_SECONDS="30", **TWO)
    workers(server)
    server.signal()
    until(lambda: server.ask()[0] == "draining")

    server.signal()

    assert server.end()[0] == 0


@pytest.mark.needs_servers
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


@pytest.mark.needs_servers
def test_workers_that_cannot_load_the_application_stop_the_start(serve: Serve) -> None:
    assert serve("hucares.tests.missing:application", **TWO).end()[0] == 3
