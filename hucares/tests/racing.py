"""Calls that meet: many at the same instant, or one that has to wait for a lock. Each has a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection, connections, transaction
from django.db.models import QuerySet

Result = TypeVar("Result")
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def at_once(times: int, call: Callable[[int], Result], *, connected: bool = True) -> list[Result]:
    """What `call(0)` to `call(times - 1)` returned, all begun together.

    Each thread is connected to the database before any begins: else the first is done before the last is connected.
    """
    start = threading.Barrier(times)

    def run(number: int) -> Result:
        try:
            if connected:
                connection.ensure_connection()
            start.wait(timeout=30)
            return call(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def behind_lock(rows: QuerySet[Any], change: Callable[[], object], call: Callable[[], Result]) -> Future[Result]:
    """What becomes of a call that has begun, and waits for the lock on `rows`, before `change` is made and committed.

    PostgreSQL only.
    """
    started = threading.Event()

    def run() -> Result:
        started.set()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            list(rows.select_for_update(no_key=True))
            called = threads.submit(run)
            assert started.wait(10)
            while not is_waited_for() and not called.done():
                pass
            assert not called.done(), "it should have waited for the lock"
            change()
        called.exception(10)
    return called


def during(change: Callable[[], object], call: Callable[[], Result]) -> Future[Result]:
    """What becomes of a call that begins when `change` is made, and is done or waits before that is committed.

    PostgreSQL only.
    """

    def run() -> Result:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            change()
            called = threads.submit(run)
            while not is_waited_for() and not called.done():
                pass
        called.exception(10)
    return called


def is_waited_for() -> bool:
    """Whether another connection to the test's database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees what it saw first
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])
