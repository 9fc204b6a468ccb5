"""What the sockets of one client process have received in one round."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Counts of messages; delays from publishing to receipt in nanoseconds, in the order of receipt."""

    received: int = 0
    repeated: int = 0
    out_of_order: int = 0  # came after a later one, or after one that is missing
    delays: array[int] = field(default_factory=lambda: array("Q"))


@dataclass(frozen=True)
class Heard:
    """One round as a client process saw it. `busy` is the part of one core that the process itself took."""

    tally: Tally
    expected: int
    seconds: float
    busy: float

    @property
    def lost(self) -> int:
        """How many messages have not come to a socket that was to have them."""
        return self.expected - self.tally.received
