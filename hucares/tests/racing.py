"""The same call from many threads at the same instant, each with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection, connections

Result = TypeVar("Result")


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
