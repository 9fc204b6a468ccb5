"""What the gateway does not take on: bodies too large or too slow, and more requests than it has room for."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from hucares.http.gateway import Limits
from hucares.http.tests.gateway_server import WAIT_SECONDS, Application, Front, received, running

POST = b"POST /api/v1/thing HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LIMITS = Limits(threads=4, queue=2, body_bytes=1000, large_body_bytes={"/api/v1/upload": 3000})


@pytest.fixture
def front() -> Iterator[Front]:
    with running(Application(), limits=LIMITS) as front:
        yield front


@pytest.fixture
def hasty() -> Iterator[Front]:
    """A gateway that waits 0.2 s for a body."""
    with running(Application(), limits=Limits(body_seconds=0.2, body_bytes=1000)) as front:
        yield front


def refusal(answer: bytes) -> tuple[int, str]:
    """Status and code of a raw answer that closes its connection, checked against the contract's envelope."""
    head, _, body = answer.partition(b"\r\n\r\n")
    envelope = json.loads(body)
    assert b"connection: close" in head.lower()
    assert envelope["success"] is False
    assert f"x-request-id: {envelope['meta']['requestId']}".encode() in head.lower()
    return int(head.split()[1]), envelope["error"]["code"]


def chunk(size: int) -> bytes:
    return b"%x\r\n%b\r\n" % (size, b"x" * size)


def test_a_body_of_exactly_the_limit_is_taken(front: Front) -> None:
    assert front.json("POST", "/", b"x" * 1000)["body"] == 1000


def test_paths_for_uploads_take_more(front: Front) -> None:
    assert front.json("POST", "/api/v1/upload", b"x" * 3000)["body"] == 3000


def test_a_declared_length_over_the_limit_is_a_413(front: Front) -> None:
    answer = received(front.raw(POST + b"Content-Length: 1001\r\n\r\n" + b"x" * 1001))

    assert refusal(answer) == (413, "PAYLOAD_TOO_LARGE")
    assert not front.application.calls


def test_a_client_that_asks_first_is_told_before_it_sends(front: Front) -> None:
    answer = received(front.raw(POST + b"Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n"))

    assert refusal(answer) == (413, "PAYLOAD_TOO_LARGE")


def test_a_client_that_asks_first_may_send_a_small_body(front: Front) -> None:
    connection = front.raw(POST + b"Expect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n")
    assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(b"body")

    assert received(connection).startswith(b"HTTP/1.1 200 ")


def test_a_chunked_body_over_the_limit_is_a_413(front: Front) -> None:
    answer = received(front.raw(CHUNKED + chunk(600) + chunk(600) + b"0\r\n\r\n"))

    assert refusal(answer) == (413, "PAYLOAD_TOO_LARGE")
    assert not front.application.calls


def test_a_client_that_goes_on_sending_megabytes_reads_the_413(front: Front) -> None:
    size = 12 * 1024 * 1024

    answer = received(front.raw(POST + b"Content-Length: %d\r\n\r\n" % size + b"x" * size))

    assert refusal(answer) == (413, "PAYLOAD_TOO_LARGE")


def test_a_body_that_is_too_large_and_never_ends_is_a_413_when_the_time_is_over(hasty: Front) -> None:
    answer = received(hasty.raw(CHUNKED + chunk(1001)))

    assert refusal(answer) == (413, "PAYLOAD_TOO_LARGE")


def test_a_body_that_takes_too_long_is_a_408(hasty: Front) -> None:
    answer = received(hasty.raw(POST + b"Content-Length: 10\r\n\r\nhalf"))

    assert refusal(answer) == (408, "REQUEST_TIMEOUT")
    assert not hasty.application.calls


@pytest.mark.parametrize("length", [b"ten", b"-1", b"1, 1", b"9" * 30])
def test_a_length_that_is_no_number_is_a_400(front: Front, length: bytes) -> None:
    answer = received(front.raw(POST + b"Content-Length: " + length + b"\r\n\r\n"))

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_outside_the_api_a_refusal_is_plain_text(front: Front) -> None:
    response, body = front.request("POST", "/admin/", b"x" * 1001)

    assert (response.status, body) == (413, b"The body is too large.\n")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_trickling_bodies_take_no_thread(front: Front) -> None:
    trickling = [front.raw(POST + b"Content-Length: 10\r\n\r\nhalf") for _ in range(8)]

    assert front.request("GET", "/")[0].status == 200

    for connection in trickling:
        connection.sendall(b" done.")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
        connection.close()


def fill(front: Front) -> list[socket.socket]:
    """Takes every thread and every place in the queue."""
    working = front.start_blocked(LIMITS.threads)
    for _ in working:
        assert front.application.entered.acquire(timeout=WAIT_SECONDS)
    waiting = front.start_blocked(LIMITS.queue)
    while front.gateway.in_flight < LIMITS.threads + LIMITS.queue:
        assert front.request("GET", "/health/live")[0].status == 200
    return working + waiting


def test_a_full_server_says_so_at_once_and_serves_the_others_in_the_end(front: Front) -> None:
    connections = fill(front)

    response, body = front.request("GET", "/api/v1/thing")

    assert (response.status, response.headers["Retry-After"]) == (503, "1")
    assert json.loads(body)["error"]["code"] == "SERVICE_UNAVAILABLE"
    front.application.release.set()
    for connection in connections:
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
        connection.close()
    assert front.request("GET", "/")[0].status == 200
    assert front.gateway.in_flight == 0


def test_a_client_that_hangs_up_in_the_queue_leaves_no_place_taken(front: Front) -> None:
    for connection in fill(front):
        connection.close()
    front.application.release.set()
    for _ in range(LIMITS.threads + LIMITS.queue):
        assert front.application.closed.acquire(timeout=WAIT_SECONDS)

    assert front.request("GET", "/")[0].status == 200
    assert front.gateway.in_flight == 0


def test_liveness_needs_no_thread(front: Front) -> None:
    connections = fill(front)

    assert front.request("GET", "/health/live")[0].status == 200

    for connection in connections:
        connection.close()


def test_bodies_that_fill_the_memory_together_are_refused() -> None:
    with running(Application(), limits=Limits(body_memory=1500)) as front:
        first = front.raw(POST + b"Content-Length: 1001\r\n\r\n" + b"x" * 1000)
        while front.gateway.body_bytes < 1000:
            assert front.request("GET", "/health/live")[0].status == 200

        response, _ = front.request("POST", "/", b"x" * 1000)
        first.sendall(b"x")

        assert (response.status, response.headers["Retry-After"]) == (503, "1")
        assert first.recv(1000).startswith(b"HTTP/1.1 200 ")
        first.close()
        assert front.json("POST", "/", b"x" * 1000)["body"] == 1000


def test_a_client_that_does_not_read_holds_no_thread() -> None:
    with running(Application(), limits=Limits(threads=1)) as front, front.raw(CHUNKED[:0]) as unread:
        unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        unread.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")

        assert front.application.closed.acquire(timeout=WAIT_SECONDS)
        assert front.request("GET", "/")[0].status == 200


def test_a_client_that_does_not_read_a_stream_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hucares.http.wsgi_call.PIECE_SECONDS", 0.2)
    with running(Application(), limits=Limits(threads=1)) as front, front.raw(b"") as unread:
        unread.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")

        assert front.application.closed.acquire(timeout=WAIT_SECONDS)
        assert front.request("GET", "/")[0].status == 200
