"""The production server: started, asked, told to end."""

from __future__ import annotations

import http.client
import signal
import socket
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from hucares.tests.served_process import WAIT_SECONDS, Serve, servers, until

pytestmark = pytest.mark.asks_no_database


@pytest.fixture
def serve() -> Iterator[Serve]:
    with servers() as make:
        yield make


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

        with pytest.raises(ConnectionClosed) as closed:
            # In two parts, the second tiny: a server that closes on much unread data resets the connection.
            client.send(["x" * 1024 * 1024, "x"])
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
    server.end()
    output = server.output.text()

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
