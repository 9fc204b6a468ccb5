"""The tiny application, counting: for the tests of figures with several processes.

Each request for `/count` is counted, and raises a gauge that only the end of its process lowers. `/metrics` tells the
figures to everybody, and by whom they are told.
"""

from __future__ import annotations

import os

from prometheus_client import Counter, Gauge, Histogram

from hucares.http.asgi_types import Receive, Scope, Send
from hucares.metrics import REGISTRY, figures
from hucares.tests.tiny_app import application as tiny_application

COUNTED = Counter("tests_counted", "Requests for /count.", registry=REGISTRY)
TOOK = Histogram("tests_took_seconds", "Says 20 ms for each of them.", registry=REGISTRY, buckets=(0.01, 0.05))
HELD = Gauge("tests_held", "Those of processes that live.", registry=REGISTRY, multiprocess_mode="livesum")


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    if scope["type"] == "http" and scope["path"] == "/metrics":
        body = f"# {os.getpid()}\n".encode() + figures()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})
        return
    if scope["type"] == "http" and scope["path"] == "/count":
        COUNTED.inc()
        TOOK.observe(0.02)
        HELD.inc()
    await tiny_application(scope, receive, send)
