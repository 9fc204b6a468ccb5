"""The one ASGI application: HTTP to Django's WSGI handler on a bounded pool of threads, `/ws` to the consumer."""

from __future__ import annotations

from hucares.wsgi import application as wsgi_application  # first: it sets Django up

# isort: split
from csp.utils import build_policy
from django.conf import settings

from hucares import sql_metrics, worker
from hucares.http.asgi_types import Receive, Scope, Send
from hucares.http.gateway import HttpGateway, Limits
from hucares.http.request_scope import trustworthy
from hucares.observing import observe
from realtime.consumers import SocketConsumer
from realtime.origin import OriginGuard

UPLOAD_PATHS = ("/api/v1/users/avatar", "/api/v1/checkins/import")
SOCKET_PATH = "/ws"


def security_headers() -> dict[str, str]:
    """What Django's middlewares put on its answers, for those that the gateway makes itself."""
    headers = {"Content-Security-Policy": build_policy(), "Referrer-Policy": settings.SECURE_REFERRER_POLICY}
    if settings.HTTPS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains"
    return headers


http = HttpGateway(
    wsgi_app=wsgi_application,
    limits=Limits(
        threads=settings.HTTP_THREADS,
        queue=settings.HTTP_QUEUE,
        body_bytes=settings.HTTP_BODY_BYTES,
        large_body_bytes=dict.fromkeys(UPLOAD_PATHS, settings.HTTP_UPLOAD_BYTES),
        body_seconds=settings.HTTP_BODY_SECONDS,
    ),
    trusted_proxies=settings.TRUSTED_PROXIES,
    cors_allowed_origins=settings.CORS_ALLOWED_ORIGINS,
    security_headers=security_headers(),
    static_root=settings.STATIC_ROOT,
    media_root=settings.MEDIA_ROOT,
    observer=observe,
)
sql_metrics.start()
sockets = OriginGuard(SocketConsumer.as_asgi())

if settings.WORKER_IN_SERVER:
    worker.start_thread()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request or run one socket."""
    if scope["type"] == "http":
        await http(scope, receive, send)
    elif scope["type"] == "websocket" and scope["path"] == SOCKET_PATH:
        await sockets(trustworthy(scope, settings.TRUSTED_PROXIES), receive, send)
    elif scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
    else:
        raise NotImplementedError(f"there is nothing to do for {scope['type']}")
