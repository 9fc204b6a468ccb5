"""The thread's side of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

import pytest

from hucares.http.asgi_types import Message
from hucares.http.gateway import Limits
from hucares.http.refusals import ClientGone
from hucares.http.tests.gateway_server import running
from hucares.http.wsgi_call import PIECE_BYTES, WsgiApplication, WsgiCall, wsgi_environ

calls_in_thread: ContextVar[int] = ContextVar("calls_in_thread", default=0)


class Chunks(list[bytes]):
    """Chunks that know whether they were closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


def answering(chunks: Iterable[bytes], status: str = "200 OK") -> WsgiApplication:
    """An application that answers with these chunks."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(status, [("X-Thing", "1")])
        return chunks

    return application


def call(application: WsgiApplication, emitted: list[Message] | None = None) -> list[Message]:
    """What is left to send; what was emitted meanwhile is in `emitted`."""
    sink: list[Message] = [] if emitted is None else emitted
    return WsgiCall(application, {}, sink.extend).run()


def test_a_short_response_is_one_start_and_one_body() -> None:
    chunks = Chunks([b"one ", b"two"])

    messages = call(answering(chunks))

    headers = [(b"x-thing", b"1"), (b"content-length", b"7")]
    assert messages == [
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": b"one two", "more_body": False},
    ]
    assert chunks.closed


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_a_response_without_a_body_has_no_length(status: str) -> None:
    assert call(answering([], status))[0]["headers"] == [(b"x-thing", b"1")]


def test_a_long_response_is_emitted_in_pieces() -> None:
    emitted: list[Message] = []

    left = call(answering([b"x" * PIECE_BYTES, b"end"]), emitted)

    assert [message["type"] for message in emitted] == ["http.response.start", "http.response.body"]
    assert left == [{"type": "http.response.body", "body": b"end", "more_body": False}]


def test_a_response_that_cannot_be_sent_is_closed() -> None:
    chunks = Chunks([b"x" * PIECE_BYTES, b"end"])

    def fail(messages: list[Message]) -> None:
        raise ClientGone

    with pytest.raises(ClientGone):
        WsgiCall(answering(chunks), {}, fail).run()

    assert chunks.closed


def test_an_application_that_never_starts_its_response_is_an_error_and_closed() -> None:
    chunks = Chunks([b"x"])

    with pytest.raises(RuntimeError):
        call(lambda environ, start_response: chunks)

    assert chunks.closed


def test_a_thread_keeps_its_context_from_request_to_request() -> None:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        calls_in_thread.set(calls_in_thread.get() + 1)
        start_response("200 OK", [])
        return [str(calls_in_thread.get()).encode()]

    with running(application, limits=Limits(threads=1)) as front:
        assert [front.request("GET", "/")[1] for _ in range(3)] == [b"1", b"2", b"3"]


def test_a_scope_without_a_raw_path_is_not_decoded_twice() -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/é%41",
        "query_string": b"",
        "http_version": "1.1",
        "headers": [],
        "client": ("127.0.0.1", 1),
    }

    assert wsgi_environ(scope, b"")["PATH_INFO"] == "/é%41".encode().decode("latin-1")
