"""A bound on slow work."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hucares.errors import ServiceUnavailable
from hucares.slots import Slots


def test_one_more_may_wait_and_the_next_is_refused_at_once() -> None:
    slots = Slots(1, waiting=1)
    held, let_go, got_it = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        with slots.one():
            held.set()
            assert let_go.wait(10)

    def wait_for_it() -> None:
        with slots.one():
            got_it.set()

    with ThreadPoolExecutor(2) as threads:
        holder = threads.submit(hold)
        assert held.wait(10)
        waiter = threads.submit(wait_for_it)
        while not refused(slots):  # until the waiter has taken the one place to wait
            pass
        assert not got_it.is_set()
        let_go.set()
        holder.result(10)
        waiter.result(10)
    assert got_it.is_set()
    assert not refused(slots)


def refused(slots: Slots) -> bool:
    """Whether somebody who may not wait is turned away; takes a free place for a moment."""
    if slots._may_wait.acquire(blocking=False):
        slots._may_wait.release()
        return False
    with pytest.raises(ServiceUnavailable), slots.one():
        pass
    return True


def test_a_fault_in_the_work_frees_the_slot() -> None:
    slots = Slots(1, waiting=0)
    with pytest.raises(ZeroDivisionError), slots.one():
        raise ZeroDivisionError
    with slots.one():
        pass
