"""From what was counted to figures: percentiles, medians over rounds, ratios, and the targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from statistics import median
from typing import Any

OURS, PEER = "hucares", "socket.io"
MOST_MILLISECONDS = 50.0
MOST_RATIO = 1.0
MOST_KIBIBYTES = 30.0
SATURATED = 0.85  # of one core: from here on a client process measures itself
DISTURBED = 0.3  # of one core: from here on other programs make everything late


@dataclass(frozen=True)
class Round:
    """One server at one rate for some seconds. Delays in milliseconds, CPU in microseconds for one delivered message.

    `busy`, `client_busy` and `others_busy` (what has nothing to do with this) are shares of one core; `offered` is how
    many messages were published a second; the CPU of publisher and Redis is for one published message.
    """

    lost: int
    repeated: int
    out_of_order: int
    delivered: int
    offered: float
    p50: float
    p95: float
    p99: float
    cpu: float
    busy: float
    client_busy: float
    others_busy: float
    publisher_cpu: float
    redis_cpu: float


COUNTS = {"lost", "repeated", "out_of_order", "delivered"}


@dataclass(frozen=True)
class Idle:
    """One server with all sockets and nothing to tell: KiB for each socket, and without any."""

    per_socket: float
    before: float
    enter_seconds: float


@dataclass(frozen=True)
class Cell:
    """All rounds at one rate, by server."""

    rate: int
    rounds: dict[str, list[Round]]

    def summary(self, side: str) -> Round:
        """Counts of all rounds together, and of everything else the median."""
        rounds = self.rounds[side]
        values = {field.name: [getattr(one, field.name) for one in rounds] for field in fields(Round)}
        return Round(**{name: sum(each) if name in COUNTS else median(each) for name, each in values.items()})

    @property
    def ratio(self) -> float | None:
        """Our CPU for a message to the other server's: the median over rounds that were next to each other."""
        if PEER not in self.rounds:
            return None
        pairs = zip(self.rounds[OURS], self.rounds[PEER], strict=True)
        return median(ours.cpu / theirs.cpu for ours, theirs in pairs)


@dataclass(frozen=True)
class Setup:
    """Everything that was measured with this many server processes, by server.

    `idle_busy` is the share of a core that all sockets take while there is nothing to tell.
    """

    processes: int
    idle: dict[str, Idle]
    idle_busy: dict[str, float]
    cells: list[Cell]

    def as_json(self) -> dict[str, Any]:
        """Plain values, rounds and their summaries."""
        cells = [
            {
                "rate": cell.rate,
                "ratio": cell.ratio,
                "summary": {side: asdict(cell.summary(side)) for side in cell.rounds},
                "rounds": {side: [asdict(one) for one in rounds] for side, rounds in cell.rounds.items()},
            }
            for cell in self.cells
        ]
        return {
            "processes": self.processes,
            "idle": {side: asdict(idle) for side, idle in self.idle.items()},
            "idle_busy": self.idle_busy,
            "cells": cells,
        }


@dataclass(frozen=True)
class Target:
    """Something that is to hold, and whether it does."""

    text: str
    met: bool


def percentile(ordered: Sequence[int], share: float) -> int:
    """The smallest of these ordered values that at least this share of them does not exceed; 0 of none."""
    if not ordered:
        return 0
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]


def targets(setups: Sequence[Setup]) -> list[Target]:
    """All targets, in the order of the table."""
    found = []
    for setup in setups:
        place = f"{setup.processes} process{'es' if setup.processes > 1 else ''}"
        for cell in setup.cells:
            found += [Target(f"{place}, {cell.rate}/s: {text}", met) for text, met in cell_targets(cell)]
        size = setup.idle[OURS].per_socket
        met = size <= MOST_KIBIBYTES
        found.append(Target(f"{place}: {size:.1f} KiB for an idle socket, at most {MOST_KIBIBYTES:g}", met))
    return found


def cell_targets(cell: Cell) -> list[tuple[str, bool]]:
    """Those of one rate."""
    ours = cell.summary(OURS)
    found = [
        (f"{ours.lost} of {ours.lost + ours.delivered} messages lost, none may be", ours.lost == 0),
        (f"p95 {ours.p95:.1f} ms, below {MOST_MILLISECONDS:g}", ours.p95 < MOST_MILLISECONDS),
    ]
    if cell.ratio is not None:
        text = f"{cell.ratio:.2f} times Socket.io's CPU for a message, at most {MOST_RATIO:g}"
        found.append((text, cell.ratio <= MOST_RATIO))
    return found
