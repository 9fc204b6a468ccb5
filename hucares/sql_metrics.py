"""How many statements go to the database, and how long they take."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from prometheus_client import Counter

from hucares.metrics import REGISTRY

SLOW_SECONDS = 0.2
LONGEST_TOLD = 1000  # characters of a slow statement

logger = logging.getLogger(__name__)

STATEMENTS = Counter("hucares_sql_statements", "Statements that were sent to the database.", registry=REGISTRY)
SECONDS = Counter("hucares_sql_seconds", "Seconds that statements took, as their callers saw it.", registry=REGISTRY)
SLOW = Counter("hucares_sql_slow_statements", "Statements that took more than 200 ms.", registry=REGISTRY)


def timed(execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run a statement, and count it; a slow one is told of, without its parameters."""
    begun = time.perf_counter()
    try:
        return execute(sql, parameters, many, context)
    finally:
        seconds = time.perf_counter() - begun
        STATEMENTS.inc()
        SECONDS.inc(seconds)
        if seconds > SLOW_SECONDS:
            SLOW.inc()
            about = {"duration_ms": round(seconds * 1000), "sql": str(sql)[:LONGEST_TOLD]}
            logger.warning("A statement was slow.", extra={"about": about})


def time_statements(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Have the statements of a new connection timed."""
    if timed not in connection.execute_wrappers:  # one that connects again
        connection.execute_wrappers.append(timed)


def start() -> None:
    """Time the statements of every connection from now on."""
    connection_created.connect(time_statements, dispatch_uid="time statements")
