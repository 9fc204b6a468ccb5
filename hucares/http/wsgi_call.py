"""Runs a WSGI application in a thread for one ASGI request whose body has been read already.

Why not a2wsgi: it gives a body without Content-Length (chunked) to Django as an empty one, runs every request
in a copied context, in which Django's caches open new connections each time, keeps the thread until the
client has taken a long response, and leaves thread and database connection hanging for ever when sending
fails. Here a thread is free as soon as the application is done.
"""

from __future__ import annotations

import asyncio
import io
import logging
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import Any
from urllib.parse import unquote_to_bytes

from hucares.http.asgi_types import Headers, Message, Receive, Scope, Send
from hucares.http.refusals import ApplicationFailed, ClientGone

PIECE_BYTES = 256 * 1024  # how much of a response made of many chunks is gathered before it is sent
PIECE_SECONDS = 30.0  # how long a client may take for one piece

logger = logging.getLogger(__name__)

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


async def run_wsgi(
    app: WsgiApplication, environ: dict[str, Any], executor: Executor, receive: Receive, send: Send
) -> list[Message]:
    """Calls the application in one of the executor's threads. Returns the messages that are left to send.

    A response up to `PIECE_BYTES`, and any that is one chunk, is returned whole. A longer one is sent piece
    by piece meanwhile, and the application waits for each: `ClientGone` is raised, and the response closed,
    when the client has hung up or takes more than `PIECE_SECONDS` for a piece. An exception in the
    application is logged and becomes `ApplicationFailed`, or `ClientGone` if the response had begun: then
    only a broken connection tells the client. The thread's own context is used, not a copy of the caller's,
    since Django keeps its caches in it.
    """
    loop = asyncio.get_running_loop()
    outlet = _Outlet(receive, send)

    def emit(messages: list[Message]) -> None:
        asyncio.run_coroutine_threadsafe(outlet.send(messages), loop).result()

    call = WsgiCall(app, environ, emit)
    try:
        return await loop.run_in_executor(executor, call.run)
    except ClientGone:
        raise
    except Exception as error:
        logger.exception("The WSGI application failed.")
        raise (ClientGone if call.started else ApplicationFailed) from error
    finally:
        outlet.close()


class WsgiCall:
    """One call of the application, from start to `close()`. Lives in a thread."""

    def __init__(self, app: WsgiApplication, environ: dict[str, Any], emit: Callable[[list[Message]], None]) -> None:
        self.app = app
        self.environ = environ
        self.emit = emit
        self.buffer = bytearray()
        self.start: Message | None = None
        self.started = False

    def run(self) -> list[Message]:
        """Returns the messages not yet emitted. `close()` is called whatever happens: Django then gives back
        its database connections.
        """
        chunks = self.app(self.environ, self.start_response)
        try:
            for chunk in chunks:
                if len(self.buffer) >= PIECE_BYTES:
                    self.emit(self._messages(more=True))
                self.buffer += chunk
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        return self._messages(more=False)

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        """WSGI's `start_response`; a later call replaces what has not been sent yet."""
        if self.started and exc_info:
            raise exc_info[1].with_traceback(exc_info[2])
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self.start = {"type": "http.response.start", "status": int(status[:3]), "headers": encoded}
        return self.buffer.extend

    def _messages(self, *, more: bool) -> list[Message]:
        if self.start is None:
            raise RuntimeError("The WSGI application did not call start_response.")
        messages: list[Message] = []
        if not self.started:
            self.started = True
            if not more:
                _set_length(self.start, len(self.buffer))
            messages.append(self.start)
        messages.append({"type": "http.response.body", "body": bytes(self.buffer), "more_body": more})
        self.buffer.clear()
        return messages


class _Outlet:
    """Sends pieces from the event loop, and notices when nobody takes them."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.receive = receive
        self.forward = send
        self.disconnect: asyncio.Future[Message] | None = None

    async def send(self, messages: list[Message]) -> None:
        if self.disconnect is None:  # after the whole body there is nothing to receive but the end
            self.disconnect = asyncio.ensure_future(self.receive())
        await send_in_time(self.forward, messages)
        if self.disconnect.done():
            raise ClientGone

    def close(self) -> None:
        if self.disconnect is not None:
            self.disconnect.cancel()


async def send_in_time(send: Send, messages: list[Message]) -> None:
    """Sends messages; raises `ClientGone` if the client takes more than `PIECE_SECONDS`."""
    try:
        async with asyncio.timeout(PIECE_SECONDS):
            for message in messages:
                await send(message)
    except TimeoutError:
        raise ClientGone from None


def _set_length(start: Message, length: int) -> None:
    bodiless = start["status"] in (204, 304)
    if not bodiless and not any(name == b"content-length" for name, _ in start["headers"]):
        start["headers"].append((b"content-length", str(length).encode("ascii")))


def wsgi_environ(scope: Scope, body: bytes | bytearray) -> dict[str, Any]:
    """The WSGI environment of an ASGI scope that `request_scope.trustworthy` has cleaned."""
    address, port = scope["client"]
    server, server_port = scope.get("server") or ("localhost", None)
    # The raw path first, since the decoded one has lost the bytes that are no UTF-8.
    path = unquote_to_bytes(scope["raw_path"]) if scope.get("raw_path") else scope["path"].encode("utf-8")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server,
        "SERVER_PORT": str(server_port or 0),
        "REMOTE_ADDR": address,
        "REMOTE_PORT": str(port),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    _add_headers(environ, scope["headers"])
    # The true length: Django reads no more than this, and a chunked body comes without it.
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _add_headers(environ: dict[str, Any], headers: Headers) -> None:
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        separator = "; " if name == "COOKIE" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
