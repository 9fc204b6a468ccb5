"""A gateway behind a real uvicorn on a real port, around a WSGI application that tests steer."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from hucares.http.gateway import HttpGateway

WAIT_SECONDS = 10.0


class Application:
    """A WSGI application: tells what it was called with, waits where it is told to, and counts `close()`."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.closed = threading.Semaphore(0)
        self.entered = threading.Semaphore(0)
        self.release = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Response:
        self.calls.append(environ)
        return Response(self, self.answer(environ, start_response))

    def answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        """`/block` waits to be released; `/raise` fails at once and `/break` half-way; `/stream` is long
        and `/large` is one long chunk."""
        path = environ["PATH_INFO"].removeprefix("/api/v1")
        if path == "/block":
            self.entered.release()
            assert self.release.wait(WAIT_SECONDS)
        elif path == "/raise":
            raise ValueError("secret text")
        start_response("200 OK", [("Content-Type", "application/json")])
        if path in ("/stream", "/break"):
            yield from (b"x" * 65536 for _ in range(160))
            if path == "/break":
                raise ValueError("secret text")
        yield b"x" * 8_000_000 if path == "/large" else json.dumps(describe(environ)).encode()


class Response:
    """An iterable whose `close()` is noticed."""

    def __init__(self, application: Application, chunks: Iterator[bytes]) -> None:
        self.application = application
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks

    def close(self) -> None:
        self.application.closed.release()


def describe(environ: dict[str, Any]) -> dict[str, Any]:
    """What of the WSGI environment tests look at."""
    body = environ["wsgi.input"].read()
    return {
        "body": body.decode("latin-1") if len(body) < 1000 else len(body),
        "thread": threading.current_thread().name,
        **{key: value for key, value in environ.items() if key.isupper()},
    }


class Front:
    """A running gateway and a few ways to talk to it."""

    def __init__(self, gateway: HttpGateway, application: Application, port: int) -> None:
        self.gateway = gateway
        self.application = application
        self.port = port

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        try:
            connection.request(method, path, body, headers or {}, encode_chunked=not isinstance(body, bytes))
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def json(self, *args: Any, **options: Any) -> Any:
        """The body of a 200 response as JSON."""
        response, body = self.request(*args, **options)
        assert response.status == 200, body
        return json.loads(body)

    def raw(self, data: bytes) -> socket.socket:
        """A connection on which `data` has been sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), WAIT_SECONDS)
        connection.sendall(data)
        return connection

    def start_blocked(self, count: int) -> list[socket.socket]:
        """Sends requests that block until `application.release` is set."""
        return [self.raw(b"GET /block HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(count)]


def received(connection: socket.socket) -> bytes:
    """Everything until the server closes the connection."""
    with connection, connection.makefile("rb") as stream:
        return stream.read()


@contextmanager
def running(application: Any, **options: Any) -> Iterator[Front]:
    """Serves a gateway on a free port of 127.0.0.1; `options` are its constructor's."""
    gateway = HttpGateway(wsgi_app=application, **options)
    config = uvicorn.Config(
        gateway,
        http="hucares.http.protocol:BoundedHttpProtocol",
        lifespan="off",
        proxy_headers=False,
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield Front(gateway, application, listener.getsockname()[1])
    finally:
        if isinstance(application, Application):
            application.release.set()
        server.should_exit = True
        thread.join(WAIT_SECONDS)
        gateway.close()
