"""Heads that are too large, or that never end, are not waited for."""

from __future__ import annotations

import pytest

from hucares.http.tests.gateway_server import Application, received, running

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


def test_large_headers_are_taken() -> None:
    with running(Application()) as front:
        answer = received(front.raw(HEAD + b"X-Large: " + b"x" * 60_000 + b"\r\n\r\n"))

    assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_head_that_goes_on_and_on_is_refused() -> None:
    application = Application()
    with running(application) as front:
        answer = received(front.raw(HEAD + b"X-Large: " + b"x" * 100_000))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert not application.calls


@pytest.mark.parametrize("sent", [b"", HEAD, b"GET / HT"])
def test_a_head_that_does_not_come_in_time_ends_the_connection(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr("hucares.http.protocol.HEAD_SECONDS", 0.2)
    with running(Application()) as front:
        assert received(front.raw(sent)) == b""


def test_a_second_head_has_its_own_time_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hucares.http.protocol.HEAD_SECONDS", 0.2)
    head = b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Large: " + b"x" * 40_000 + b"\r\n\r\n"
    with running(Application()) as front:
        connection = front.raw(head)
        assert connection.recv(10_000).startswith(b"HTTP/1.1 200 ")
        connection.sendall(head)
        assert connection.recv(10_000).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"GET /")

        assert received(connection) == b""


def test_a_body_is_not_counted_as_head() -> None:
    with running(Application()) as front:
        assert front.json("POST", "/", b"x" * 1_000_000)["body"] == 1_000_000
