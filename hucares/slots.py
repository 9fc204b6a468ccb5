"""A bound on slow work, so that it never keeps everybody waiting."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from hucares.errors import ServiceUnavailable


class Slots:
    """A bound on slow work: `slots` threads do it, `waiting` more may wait, and the next is refused at once."""

    def __init__(self, slots: int, waiting: int) -> None:
        self._free = threading.Semaphore(slots)
        self._may_wait = threading.Semaphore(waiting)

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot. Raises `ServiceUnavailable`."""
        if not self._free.acquire(blocking=False):
            if not self._may_wait.acquire(blocking=False):
                raise ServiceUnavailable
            try:
                self._free.acquire()
            finally:
                self._may_wait.release()
        try:
            yield
        finally:
            self._free.release()
