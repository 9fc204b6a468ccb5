"""How an answer looks that the HTTP front makes itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from hucares.envelope import error_envelope
from hucares.http.asgi_types import Headers, Message, Scope, Send
from hucares.http.refusals import Refused
from hucares.http.request_scope import header_values, request_id_of

EXPOSED_HEADERS = b"X-Request-ID, Retry-After"
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class ReplyHeaders:
    """The headers on every answer of the front: id, security, and CORS for the origins that may read it."""

    cors_allowed_origins: Collection[str] = ()
    security: Mapping[str, str] = field(default_factory=dict)

    def of(self, scope: Scope) -> Headers:
        """The headers for one request, whose scope `request_scope.trustworthy` has cleaned."""
        security = {"X-Content-Type-Options": "nosniff", **self.security}
        headers = encoded(security)
        headers.append((b"x-request-id", request_id_of(scope).encode("ascii")))
        if self.cors_allowed_origins:
            headers.append((b"vary", b"Origin"))
        origins = header_values(scope["headers"], b"origin")
        if len(origins) == 1 and origins[0] in self.cors_allowed_origins:
            headers.append((b"access-control-allow-origin", origins[0].encode("latin-1")))
            headers.append((b"access-control-expose-headers", EXPOSED_HEADERS))
        return headers


def adding_headers(headers: Headers, send: Send) -> Send:
    """A `send` that adds headers to the response that goes through it."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *headers]}
        await send(message)

    return send_with_headers


def encoded(headers: Mapping[str, str]) -> Headers:
    """Headers as ASGI has them: names in lower case, bytes."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def send_reply(send: Send, status: int, content_type: str, text: str, headers: Mapping[str, str]) -> None:
    """One whole response. The server leaves out the body where the method is HEAD."""
    body = text.encode("utf-8")
    pairs = {"content-type": content_type, "content-length": str(len(body)), **headers}
    await send({"type": "http.response.start", "status": status, "headers": encoded(pairs)})
    await send({"type": "http.response.body", "body": body})


async def send_refusal(scope: Scope, send: Send, refusal: Refused) -> None:
    """A refusal: the contract's envelope under `/api/`, plain text elsewhere.

    The connection is closed after it, since part of the body may not have been read.
    """
    headers = {"connection": "close"}
    if refusal.retry_after is not None:
        headers["retry-after"] = str(refusal.retry_after)
    if scope["path"].startswith("/api/"):
        envelope = error_envelope(refusal.code, refusal.message, request_id_of(scope))
        await send_reply(send, refusal.status, JSON, json.dumps(envelope), headers)
    else:
        await send_reply(send, refusal.status, TEXT, f"{refusal.message}\n", headers)


async def send_liveness(scope: Scope, send: Send) -> None:
    """That the event loop turns, which is all that liveness asks."""
    if scope["method"] in ("GET", "HEAD"):
        await send_reply(send, 200, JSON, '{"status":"ok"}', {"cache-control": "no-store"})
    else:
        await send_reply(send, 405, TEXT, "Only GET and HEAD.\n", {"allow": "GET, HEAD"})


async def send_missing(scope: Scope, receive: Callable[..., object], send: Send) -> None:
    """There is no such file. An ASGI application, as ServeStatic wants it."""
    await send_reply(send, 404, TEXT, "There is no such file.\n", {})
