"""The process that holds all sockets to one server."""

from __future__ import annotations

import asyncio
import gc
import itertools
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import uvloop

from benchmarks.realtime.board import Board
from benchmarks.realtime.dialects import Dialect, Person
from benchmarks.realtime.listener import Listener, Refused, Scorer
from benchmarks.realtime.remote import answer_calls_beside
from benchmarks.realtime.tally import Heard, Tally

AT_A_TIME = 16  # sockets that are on their way in; HuCares lets 20 of one address try at once
ENTER_SECONDS = 30.0
BEAT_SECONDS = 25.0
LATE_BEAT_SECONDS = 0.005  # between beats that have been put off
PATIENCE = 5.0  # seconds without any message after which the rest counts as lost


class Crowd:
    """All sockets, and what has been heard on them."""

    def __init__(self, dialect: Dialect, port: int, board: Board) -> None:
        self.dialect = dialect
        self.port = port
        self.scorer = Scorer(board)
        self.sockets: list[Listener] = []
        self.beating: asyncio.Task[None] | None = None
        self.quiet_since: float | None = None
        self.turn = itertools.count()

    async def enter(self, people: list[Person]) -> None:
        """Open a socket for each of these people. Raises `Refused`."""
        gate = asyncio.Semaphore(AT_A_TIME)

        async def let_in(person: Person) -> None:
            async with gate:
                await self.open(person)

        self.expected = len(people)
        self.beating = asyncio.create_task(self.keep_beating())
        await asyncio.gather(*map(let_in, people))

    async def open(self, person: Person) -> None:
        """Open one."""
        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(
            lambda: Listener(self.dialect, person, self.scorer), "127.0.0.1", self.port
        )
        self.sockets.append(socket)
        await asyncio.wait_for(socket.inside, ENTER_SECONDS)

    async def join_again(self) -> None:
        """Have every socket join its group once more, from where the group is now."""
        gate = asyncio.Semaphore(AT_A_TIME)

        async def join(socket: Listener) -> None:
            async with gate:
                await asyncio.wait_for(socket.join(), ENTER_SECONDS)

        await asyncio.gather(*map(join, self.sockets))

    async def leave(self) -> None:
        """Close every socket."""
        if self.beating is not None:
            self.beating.cancel()
        for socket in self.sockets:
            socket.transport.abort()
        self.sockets = []
        await asyncio.sleep(0.1)

    # --- Heartbeats ---

    async def keep_beating(self) -> None:
        """Each socket every 25 seconds, all of them spread over that time."""
        due = time.monotonic()
        while True:
            due += BEAT_SECONDS / self.expected
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if self.quiet_since is None:
                self.beat()

    def beat(self) -> None:
        """Let the next socket beat, if it is there yet."""
        number = next(self.turn) % self.expected
        if number < len(self.sockets):
            self.sockets[number].beat()

    async def be_quiet(self) -> None:
        """Put off heartbeats while the other server is measured."""
        self.quiet_since = time.monotonic()

    async def wake_up(self) -> None:
        """Send what was put off, and go on with it."""
        if self.quiet_since is None:
            return
        share = min(1.0, (time.monotonic() - self.quiet_since) / BEAT_SECONDS)
        for _ in range(round(share * len(self.sockets))):
            self.beat()
            await asyncio.sleep(LATE_BEAT_SECONDS)
        self.quiet_since = None

    # --- Rounds ---

    async def begin(self, heads: list[int]) -> None:
        """Count from here on: the groups' newest messages have these numbers."""
        for socket in self.sockets:
            socket.last = heads[socket.person.group]
        self.heads = heads
        self.scorer.tally = Tally()
        gc.collect()
        gc.disable()
        self.began, self.cpu = time.monotonic(), time.process_time()

    async def finish(self, heads: list[int]) -> Heard:
        """What was heard, once everything up to these numbers has come or nothing has come for a while."""
        expected = sum(heads[socket.person.group] - self.heads[socket.person.group] for socket in self.sockets)
        tally = self.scorer.tally
        before, moved = -1, time.monotonic()
        while tally.received < expected and time.monotonic() < moved + PATIENCE:
            if tally.received > before:
                before, moved = tally.received, time.monotonic()
            await asyncio.sleep(0.01)
        seconds = time.monotonic() - self.began
        busy = (time.process_time() - self.cpu) / seconds
        gc.enable()
        reasons = Counter(socket.ended for socket in self.sockets if socket.ended)
        if reasons:
            raise Refused(f"the server has closed {reasons.total()} sockets: {dict(reasons)}")
        return Heard(tally, expected, seconds, busy)


def run_client(pipe: Connection, dialect: Dialect, port: int, board_path: Path, groups: int) -> None:
    """The process: a crowd that does what it is told."""
    crowd = Crowd(dialect, port, Board(board_path, groups))
    uvloop.run(answer_calls_beside(pipe, crowd))
