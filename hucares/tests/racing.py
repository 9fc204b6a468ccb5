"""The same call from many threads at the same instant, each with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")


def at_once(times: int, call: Callable[[int], Result]) -> list[Result]:
    """What `call(0)` to `call(times - 1)` returned, all begun together."""
    start = threading.Barrier(times)

    def run(number: int) -> Result:
        try:
            start.wait(timeout=30)
            return call(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))
