"""Who types in which group, told on no more often than is of use."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from django.conf import settings

Tell = Callable[[UUID, bool], Awaitable[None]]


class Turn:
    """What has been told of one person in one group, and what is to be told later.

    Somebody types: told at once, or as soon as the pause after the last word of it is over. Somebody has stopped:
    told at once if they were told to type. So every pause has at most one of each, and the last word is never lost.
    """

    def __init__(self) -> None:
        self.told: bool | None = None
        self.told_at = 0.0
        self.is_own = False  # whether it was this socket that told it
        self.later: asyncio.Task[None] | None = None

    def wait(self, is_typing: bool, now: float) -> float | None:
        """In how many seconds to tell this; None: never, for it is known."""
        pause = 0.0 if self.told is None else self.told_at + settings.SOCKET_TYPING_SECONDS - now
        if pause <= 0 or (self.told and not is_typing):
            return 0.0
        return None if is_typing == self.told else pause

    def note(self, is_typing: bool, now: float, *, is_own: bool) -> None:
        """It has been told, by this socket or another one of the person."""
        self.told, self.told_at, self.is_own = is_typing, now, is_own

    def cancel(self) -> None:
        """Tell nothing later."""
        if self.later is not None:
            self.later.cancel()
            self.later = None


class Typist:
    """One socket's part in its person's typing: a turn for each group in which it has typed, or heard of it."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.turns: dict[UUID, Turn] = {}
        self.in_order = asyncio.Lock()

    async def say(self, group_id: UUID, is_typing: bool) -> None:
        """The client types, or has stopped."""
        turn = self.turns.setdefault(group_id, Turn())
        turn.cancel()
        wait = turn.wait(is_typing, self.now())
        if wait:
            turn.later = asyncio.create_task(self.say_later(group_id, turn, wait))
        elif wait is not None:
            await self.say_now(group_id, turn, is_typing)

    async def say_later(self, group_id: UUID, turn: Turn, wait: float) -> None:
        """Tell that somebody types when the pause is over. Another socket of theirs may have told it meanwhile."""
        await asyncio.sleep(wait)
        turn.later = None  # from here on it is told, not called off
        await self.say(group_id, True)

    async def say_now(self, group_id: UUID, turn: Turn, is_typing: bool) -> None:
        """Tell it, after what was told before."""
        turn.note(is_typing, self.now(), is_own=True)
        async with self.in_order:
            await self.tell(group_id, is_typing)

    async def stop(self, group_id: UUID) -> None:
        """The socket is about to go: what it has told is over."""
        turn = self.turns.get(group_id)
        if turn is not None and turn.is_own and turn.told:
            await self.say(group_id, False)

    def hear(self, group_id: UUID, is_typing: bool) -> None:
        """A socket of the same person has told this."""
        self.turns.setdefault(group_id, Turn()).note(is_typing, self.now(), is_own=False)

    def forget(self, group_id: UUID) -> None:
        """The socket is in this group no more."""
        turn = self.turns.pop(group_id, None)
        if turn is not None:
            turn.cancel()

    def now(self) -> float:
        """The running loop's clock, in seconds."""
        return asyncio.get_running_loop().time()
