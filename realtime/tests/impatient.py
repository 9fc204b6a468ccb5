"""Serves like `hucares.serve`, but loses its patience with idle connections soon: what takes minutes takes a second."""

from __future__ import annotations

from django.conf import settings

from hucares.http import protocol
from hucares.serve import DrainingServer, listen, server_config

PING_SECONDS = 0.2
PATIENCE_SECONDS = 1.0


def run(application: str) -> int:
    """Serve the application named `module:attribute`. Returns the exit code."""
    protocol.HEAD_SECONDS = PATIENCE_SECONDS
    config = server_config(application)
    config.ws_ping_interval = PING_SECONDS
    config.ws_ping_timeout = 10 * PATIENCE_SECONDS
    config.timeout_keep_alive = 1
    DrainingServer(config, drain_seconds=settings.DRAIN_SECONDS).run([listen(config.host, config.port)])
    return 0
