"""A process of the benchmark's own that does what it is told through a pipe."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Self

END_SECONDS = 10
Call = tuple[str, tuple[Any, ...]]


class Remote:
    """Runs `work(pipe, *arguments)` in a new process, which answers calls."""

    def __init__(self, work: Callable[..., None], *arguments: Any) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pipe, theirs = spawn.Pipe()
        self.process = spawn.Process(target=work, args=(theirs, *arguments), daemon=True)
        self.process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.pipe.close()
        self.process.join(END_SECONDS)
        if self.process.is_alive():
            self.process.kill()

    def call(self, name: str, *arguments: Any) -> Any:
        """Have a method called there; what it returns. Raises what it raises."""
        self.pipe.send((name, arguments))
        done, result = self.pipe.recv()
        if not done:
            raise result
        return result


def answer_calls(pipe: Connection, worker: object) -> None:
    """Call this object's methods as the other end says, until it closes the pipe."""
    while (call := next_call(pipe)) is not None:
        name, arguments = call
        try:
            answer = True, getattr(worker, name)(*arguments)
        except Exception as error:
            answer = False, error
        reply(pipe, answer)


async def answer_calls_beside(pipe: Connection, worker: object) -> None:
    """The same for coroutine methods, while the event loop goes on with its own work."""
    while (call := await asyncio.to_thread(next_call, pipe)) is not None:
        name, arguments = call
        try:
            answer = True, await getattr(worker, name)(*arguments)
        except Exception as error:
            answer = False, error
        reply(pipe, answer)


def reply(pipe: Connection, answer: tuple[bool, Any]) -> None:
    """Whether it was done, and what came of it; to nobody if the other end has gone meanwhile."""
    with contextlib.suppress(OSError):
        pipe.send(answer)


def next_call(pipe: Connection) -> Call | None:
    """(method, arguments); None when the other end has gone."""
    try:
        call: Call = pipe.recv()
    except (EOFError, OSError):
        return None
    return call
