"""What a server process does for its sockets from time to time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings

from realtime import connection

logger = logging.getLogger(__name__)

CLOSING_SECONDS = 1.0  # how long one round waits for the sockets that it closes


class Attended(Protocol):
    """An authenticated socket of this process."""

    sign_in: connection.SignIn | None
    row_id: UUID | None
    closing: bool

    def session_has_ended(self) -> Coroutine[Any, Any, None]:
        """Close: the sign-in session is no longer live."""

    def open_row(self) -> Coroutine[Any, Any, None]:
        """Have a row again, for the one that was there is gone."""


class Caretaker:
    """Works while there are authenticated sockets; all of it belongs to the event loop of the server.

    It sweeps: whoever has gone offline is told of to everybody's sockets, not only to this process's. And it checks
    all sockets at once: vouches for their rows, and closes those whose session has ended without their hearing of it.
    """

    def __init__(self) -> None:
        self.sockets: set[Attended] = set()
        self.tasks: list[asyncio.Task[None]] = []

    def attend(self, socket: Attended) -> None:
        """Look after one more socket; the first one begins the work."""
        if all(task.done() for task in self.tasks):
            self.tasks = [
                asyncio.create_task(every("SOCKET_SWEEP_SECONDS", connection.sweep)),
                asyncio.create_task(every("SOCKET_CHECK_SECONDS", self.check)),
            ]
        self.sockets.add(socket)

    def leave(self, socket: Attended) -> None:
        """The socket is gone; with the last one the work ends, since nobody here would hear of it."""
        self.sockets.discard(socket)
        if not self.sockets:
            for task in self.tasks:
                task.cancel()
            self.tasks = []

    async def check(self) -> None:
        """Vouch for every socket, close those whose session has ended, and give those a row that count as gone."""
        attended = {socket.row_id: socket for socket in self.sockets if socket.row_id and not socket.closing}
        sessions = {row: socket.sign_in.session_id for row, socket in attended.items() if socket.sign_in is not None}
        ended, lost = await connection.check(sessions)
        work = [attended[pk].session_has_ended() for pk in ended]
        work += [attended[pk].open_row() for pk in lost if not attended[pk].closing]
        await self.do(work)

    async def do(self, work: list[Coroutine[Any, Any, None]]) -> None:
        """Do all of this, but do not wait for a client that takes nothing."""
        if not work:
            return
        done, _ = await asyncio.wait([asyncio.create_task(piece) for piece in work], timeout=CLOSING_SECONDS)
        for task in done:
            if task.exception() is not None:
                logger.error("a socket could not be looked after", exc_info=task.exception())


async def every(setting: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do this again and again, so many seconds apart as the setting says; a failure is logged."""
    while True:
        await asyncio.sleep(getattr(settings, setting))
        try:
            await work()
        except Exception:
            logger.exception("what a process does for its sockets has failed and will be tried again")


caretaker = Caretaker()
