"""Which web pages may open a socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings
from django.http.request import validate_host

from hucares.env import host_of

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


def is_our_origin(origin: str) -> bool:
    """Whether an `Origin` is a page of ours: on one of `ALLOWED_HOSTS`, or listed in `CORS_ALLOWED_ORIGINS`."""
    if origin in settings.CORS_ALLOWED_ORIGINS:
        return True
    try:
        host = host_of(origin)
    except ValueError:
        return False
    return origin.startswith(("http://", "https://")) and validate_host(host, settings.ALLOWED_HOSTS)


class OriginGuard:
    """Refuses handshakes from foreign pages with 403. Native clients send no `Origin` and are welcome.

    Channels' own validator refuses those too, which is why it is not used here.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass the handshake on, or close it before it is accepted."""
        origin = dict(scope["headers"]).get(b"origin")
        if origin is None or is_our_origin(origin.decode("latin-1")):
            await self.app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})
