"""The real server in processes of its own, on the test's database and the Redis of the tests."""

from __future__ import annotations

import contextlib
import os

from hucares.serve import APPLICATION
from hucares.tests.served_process import Serve, Server, database_url, until

STARTING_SECONDS = 60.0  # only a broken test waits that long


def environment() -> dict[str, str]:
    """This process's settings, with the test's own database."""
    inherited = {name: value for name, value in os.environ.items() if name != "PORT"}
    return {**inherited, "DATABASE_URL": database_url(), "WEB_CONCURRENCY": "1", "DRAIN_SECONDS": "0"}


def serve_ready(make: Serve, application: str = APPLICATION, **variables: str) -> Server:
    """A server that `make` makes, once it answers and has its database."""
    server = make(application, **{**environment(), **variables})
    until(lambda: is_ready(server), patience=STARTING_SECONDS)
    return server


def is_ready(server: Server) -> bool:
    """Whether a process answers and has its database."""
    with contextlib.suppress(OSError):
        return '"status": "ok"' in server.get("/health/ready")
    return False
