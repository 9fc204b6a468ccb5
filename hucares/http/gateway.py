"""The HTTP front: what happens to a request before one of the few threads works on it.

Slow clients wait in the event loop, where waiting is cheap; a thread gets a request only when its body is
complete, and gives it back before the response is sent. Liveness, static files and uploads need no thread.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from hucares.http.asgi_types import Message, Receive, Scope, Send
from hucares.http.exchange import ENVIRON, Exchange, Observer
from hucares.http.file_server import FileServer
from hucares.http.refusals import ClientGone, Refused, ServerFull
from hucares.http.replies import ReplyHeaders, adding_headers, send_liveness, send_missing, send_refusal
from hucares.http.request_body import BodyMemory, RequestBody
from hucares.http.request_scope import request_id_of, trustworthy
from hucares.http.wsgi_call import WsgiApplication, run_wsgi, send_in_time, wsgi_environ

LIVE_PATH = "/health/live"
UPLOADS_POLICY = {"Content-Security-Policy": "default-src 'none'; sandbox"}
MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much the gateway takes on at once."""

    threads: int = 4  # requests worked on at the same time
    queue: int = 64  # complete requests that may wait for a thread
    body_bytes: int = 2 * MIB
    large_body_bytes: Mapping[str, int] = field(default_factory=dict)  # path -> its own limit
    body_seconds: float = 15.0  # for a whole body to arrive
    body_memory: int = 128 * MIB  # bytes of all bodies together


DEFAULT_LIMITS = Limits()


class HttpGateway:
    """An ASGI application for scopes of type `http`, in front of a WSGI application.

    `trusted_proxies` counts the proxies in front (see `client_address`). `cors_allowed_origins` may read the
    gateway's own answers from other sites; `security_headers` go on all of these. Files below the roots are
    served at the prefixes; a root that is None is not served. The `observer` is told of every request that has
    ended, however it did. `in_flight` says how many requests have a thread or wait for one.
    """

    def __init__(
        self,
        *,
        wsgi_app: WsgiApplication,
        limits: Limits = DEFAULT_LIMITS,
        trusted_proxies: int = 0,
        cors_allowed_origins: Collection[str] = (),
        security_headers: Mapping[str, str] | None = None,
        static_root: Path | None = None,
        static_prefix: str = "/static/",
        media_root: Path | None = None,
        media_prefix: str = "/media/",
        observer: Observer | None = None,
    ) -> None:
        self.in_flight = 0
        self._observer = observer
        self._wsgi_app = wsgi_app
        self._limits = limits
        self._trusted_proxies = trusted_proxies
        self._memory = BodyMemory(limits.body_memory)
        self._executor = ThreadPoolExecutor(limits.threads, thread_name_prefix="http")
        security = dict(security_headers or {})
        self._headers = ReplyHeaders(cors_allowed_origins, security)
        upload_headers = ReplyHeaders(cors_allowed_origins, security | UPLOADS_POLICY)
        folders = ((static_root, static_prefix, self._headers), (media_root, media_prefix, upload_headers))
        self._files = [(FileServer(root, prefix, send_missing), headers) for root, prefix, headers in folders if root]

    @property
    def body_bytes(self) -> int:
        """Bytes of bodies that are in memory now."""
        return self._memory.used

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request. A client that hangs up is no error."""
        scope = trustworthy(scope, self._trusted_proxies)
        exchange = Exchange(request_id_of(scope), scope["method"], scope["path"])
        try:
            await self._answer(scope, receive, exchange.noting(send), exchange)
        except ClientGone:
            return
        finally:
            if self._observer is not None:
                self._observer(exchange)

    def close(self) -> None:
        """Takes no more requests and waits for those that have a thread."""
        self._executor.shutdown(cancel_futures=True)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, exchange: Exchange) -> None:
        path: str = scope["path"]
        send_own = adding_headers(self._headers.of(scope), send)
        if path == LIVE_PATH:
            exchange.route = LIVE_PATH
            return await send_liveness(scope, send_own)
        for files, headers in self._files:
            if path.startswith(files.prefix):
                exchange.route = f"{files.prefix}{{file}}"
                return await files(scope, receive, adding_headers(headers.of(scope), send))
        try:
            messages = await self._run(scope, receive, send, exchange)
        except Refused as refusal:
            await send_refusal(scope, send_own, refusal)
        else:
            await send_in_time(send, messages)

    async def _run(self, scope: Scope, receive: Receive, send: Send, exchange: Exchange) -> list[Message]:
        """What the WSGI application has left to be sent. Raises `Refused` or `ClientGone`."""
        limit = self._limits.large_body_bytes.get(scope["path"], self._limits.body_bytes)
        with RequestBody(self._memory, limit, self._limits.body_seconds) as body:
            await body.read(scope["headers"], receive)
            if self.in_flight >= self._limits.threads + self._limits.queue:
                raise ServerFull
            self.in_flight += 1
            try:
                environ = {**wsgi_environ(scope, body.content), ENVIRON: exchange}
                return await run_wsgi(self._wsgi_app, environ, self._executor, receive, send)
            finally:
                self.in_flight -= 1
