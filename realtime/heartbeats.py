"""All heartbeats of a process, answered together: for a thousand sockets the database is asked as often as for one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from accounts.errors import SessionRevoked
from hucares.errors import ServiceUnavailable
from realtime import connection
from realtime.connection import Around, SignIn
from realtime.models import GroupLog

ROUND_SECONDS = 5.0  # how long a round may take


@dataclass(frozen=True, slots=True)
class Beat:
    """What one socket's heartbeat is answered with, and how the logs of its groups stand."""

    server_time: datetime
    unread_count: int
    logs: list[GroupLog]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One heartbeat that is to be answered."""

    sign_in: SignIn
    group_ids: Collection[UUID]
    answer: asyncio.Future[Beat]


async def look_around(waiting: list[Waiting]) -> Around:
    """Ask the database about all that wait. Raises `ServiceUnavailable` if it does not answer in time.

    A connection that hangs would otherwise keep everybody who waits for a round, whose sockets then count as silent.
    """
    sign_ins = {one.sign_in for one in waiting}
    group_ids = {group_id for one in waiting for group_id in one.group_ids}
    asking = asyncio.ensure_future(connection.look_around(sign_ins, group_ids))
    await asyncio.wait({asking}, timeout=ROUND_SECONDS)
    if not asking.done():
        raise ServiceUnavailable
    return asking.result()


class Heartbeats:
    """Rounds in which all that wait are answered, `SOCKET_HEARTBEAT_PAUSE` apart; they belong to the server's loop."""

    def __init__(self) -> None:
        self.waiting: list[Waiting] = []
        self.rounds: asyncio.Task[None] | None = None

    async def beat(self, sign_in: SignIn, group_ids: Collection[UUID]) -> Beat:
        """Answer one heartbeat of a socket in these groups. Raises `SessionRevoked`."""
        mine = Waiting(sign_in, group_ids, asyncio.get_running_loop().create_future())
        self.waiting.append(mine)
        if self.rounds is None or self.rounds.done():
            self.rounds = asyncio.create_task(self.go_round())
        return await mine.answer

    async def go_round(self) -> None:
        """Answer until nobody waits any more."""
        while self.waiting:
            waiting, self.waiting = self.waiting, []
            await self.answer(waiting)
            await asyncio.sleep(settings.SOCKET_HEARTBEAT_PAUSE)

    async def answer(self, waiting: list[Waiting]) -> None:
        """Ask the database once, and tell each of those that wait what it said; or all, what went wrong."""
        try:
            found = await look_around(waiting)
        except Exception as error:
            for one in waiting:
                if not one.answer.done():
                    one.answer.set_exception(error)
            return
        for one in waiting:
            if one.answer.done():  # its socket is gone
                continue
            if one.sign_in.session_id in found.live:
                unread = found.unread.get(one.sign_in.user_id, 0)
                logs = [found.logs[group_id] for group_id in one.group_ids if group_id in found.logs]
                one.answer.set_result(Beat(found.server_time, unread, logs))
            else:
                one.answer.set_exception(SessionRevoked())


heartbeats = Heartbeats()
