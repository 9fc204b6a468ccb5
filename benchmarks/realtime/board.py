"""When each message was published, in memory that publisher and clients share."""

from __future__ import annotations

import mmap
from pathlib import Path

NUMBERS = 8192  # of each group are kept; later ones take their places
WORD = 8  # bytes


class Board:
    """For each group and each number of a message, nanoseconds of the system's monotonic clock.

    That clock is one for all processes of a Linux machine, so that delays need no clock to be set.
    """

    def __init__(self, path: Path, groups: int) -> None:
        size = groups * NUMBERS * WORD
        with path.open("r+b") as file:
            file.truncate(size)
            self.times = memoryview(mmap.mmap(file.fileno(), size)).cast("Q")

    def place(self, group: int, seq: int) -> int:
        """Where in `times` a message has its place."""
        return group * NUMBERS + seq % NUMBERS
