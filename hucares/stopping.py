"""Commands that run until they are told to end."""

from __future__ import annotations

import signal
from types import FrameType


class Stop:
    """Whether this process was told to end, by SIGTERM or SIGINT (Ctrl-C), since `listen()`."""

    def __init__(self) -> None:
        # A plain flag: an Event has a lock, which the signal handler might wait for while its own thread holds it.
        self._told = False

    def __call__(self) -> bool:
        """Whether to end."""
        return self._told

    def listen(self) -> None:
        """From now on a signal says to end after what is under way; a second one ends at once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._told = True
        signal.signal(number, signal.SIG_DFL)
