"""Processes that do what they are told."""

from __future__ import annotations

import asyncio
import os
from multiprocessing.connection import Connection

import pytest

from benchmarks.realtime.remote import Remote, answer_calls, answer_calls_beside


class Counter:
    def __init__(self, start: int) -> None:
        self.count = start

    def add(self, number: int) -> tuple[int, int]:
        self.count += number
        return self.count, os.getpid()

    def fail(self) -> None:
        raise ValueError("no")


class SlowCounter(Counter):
    async def add(self, number: int) -> tuple[int, int]:  # type: ignore[override]
        return super().add(number)

    async def fail(self) -> None:  # type: ignore[override]
        super().fail()


def work(pipe: Connection, start: int) -> None:
    answer_calls(pipe, Counter(start))


def work_beside(pipe: Connection, start: int) -> None:
    asyncio.run(answer_calls_beside(pipe, SlowCounter(start)))


@pytest.mark.parametrize("worker", [work, work_beside])
def test_calls_are_carried_out_in_another_process_until_it_is_left(worker: object) -> None:
    with Remote(worker, 10) as remote:  # type: ignore[arg-type]
        assert remote.call("add", 1)[0] == 11
        with pytest.raises(ValueError, match="no"):
            remote.call("fail")
        count, pid = remote.call("add", 2)
        assert count == 13 and pid != os.getpid()
    assert remote.process.exitcode == 0
