"""Whether this process can take requests: `/health/ready`."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from redis.backoff import NoBackoff
from redis.retry import Retry

from hucares.lifecycle import is_draining

logger = logging.getLogger(__name__)


PATH = "/health/ready"
_migrated = False


class ReadinessMiddleware:
    """Answers `/health/ready`, whatever name it is asked by: load balancers ask by an address of their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The state, or the rest of the site."""
        return ready() if request.path == PATH else self.get_response(request)


def ready() -> JsonResponse:
    """200 or 503, with each dependency's state and nothing secret.

    Without the database nothing works; without Redis only the news is late, so that is no reason to turn away.
    """
    checks = {"database": database_state(), "redis": redis_state(), "process": "draining" if is_draining() else "ok"}
    is_ready = checks["database"] == "ok" and checks["process"] == "ok"
    body = {"status": "ok" if is_ready else "unavailable", "checks": checks}
    return JsonResponse(body, status=200 if is_ready else 503, headers={"Cache-Control": "no-store"})


def database_state() -> str:
    """`ok`, `away`, or `not migrated` before the tables are as this version needs them."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not is_migrated():
            logger.warning("the database is not up to date: run manage.py migrate")
            return "not migrated"
    except DatabaseError:
        logger.exception("the database is away")
        return "away"
    return "ok"


def is_migrated() -> bool:
    """Whether every migration is applied. Asked of the database until it is so once: it will not be undone."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def redis_state() -> str:
    """`ok`, `degraded`, or `not used` on the embedded default."""
    if not settings.REDIS_URL:
        return "not used"
    try:
        redis_client().ping()
    except redis.RedisError:
        logger.warning("Redis is away")
        return "degraded"
    return "ok"


@functools.cache
def redis_client() -> redis.Redis:
    """A client that gives up soon."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 0)
    )
