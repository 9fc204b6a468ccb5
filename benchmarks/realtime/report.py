"""The figures, for people."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence

from benchmarks.realtime.figures import DISTURBED, OURS, PEER, SATURATED, Round, Setup, Target

COLUMNS = ("processes", "rate", "server", "delivered", "lost", "p50", "p95", "p99", "µs/msg", "ratio", "busy", "client")


def machine() -> str:
    """Where this ran."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def report(setups: Sequence[Setup], found: Iterable[Target]) -> str:
    """Everything, as text."""
    lines = [*rate_table(setups), "", *idle_table(setups), "", *warnings(setups)]
    lines += [f"{'met   ' if target.met else 'MISSED'}  {target.text}" for target in found]
    return "\n".join(lines)


def rate_table(setups: Sequence[Setup]) -> list[str]:
    """One line for each number of processes, rate and server: medians over rounds, delays in milliseconds."""
    rows: list[tuple[str, ...]] = [COLUMNS]
    for setup in setups:
        for cell in setup.cells:
            for side in cell.rounds:
                ratio = f"{cell.ratio:.2f}" if side == OURS and cell.ratio is not None else ""
                rows.append((str(setup.processes), f"{cell.rate}/s", side, *columns(cell.summary(side), ratio)))
    return aligned(rows)


def columns(one: Round, ratio: str) -> tuple[str, ...]:
    """One summary."""
    delays = (f"{one.p50:.1f}", f"{one.p95:.1f}", f"{one.p99:.1f}")
    busy = (f"{one.busy:.0%}", f"{one.client_busy:.0%}")
    return (str(one.delivered), str(one.lost), *delays, f"{one.cpu:.1f}", ratio, *busy)


def idle_table(setups: Sequence[Setup]) -> list[str]:
    """One line for each number of processes and server, with idle sockets."""
    rows: list[tuple[str, ...]] = [("processes", "server", "KiB/socket", "MiB without", "busy", "all in after")]
    for setup in setups:
        for side, idle in setup.idle.items():
            size = (f"{idle.per_socket:.1f}", f"{idle.before / 1024:.0f}")
            rows.append(
                (str(setup.processes), side, *size, f"{setup.idle_busy[side]:.1%}", f"{idle.enter_seconds:.1f} s")
            )
    return aligned(rows)


def warnings(setups: Sequence[Setup]) -> list[str]:
    """What makes figures doubtful."""
    lines = []
    for setup in setups:
        for cell in setup.cells:
            for side in cell.rounds:
                one = cell.summary(side)
                place = f"{setup.processes} x {side} at {cell.rate}/s"
                if one.client_busy > SATURATED:
                    lines.append(f"doubtful: {place}: the client was busy for {one.client_busy:.0%} of the time")
                if one.offered < 0.98 * cell.rate:
                    lines.append(f"doubtful: {place}: only {one.offered:.0f} messages a second were published")
                if one.others_busy > DISTURBED:
                    lines.append(f"doubtful: {place}: other programs took {one.others_busy:.0%} of a core")
                if one.repeated or one.out_of_order:
                    lines.append(f"wrong: {place}: {one.repeated} repeated, {one.out_of_order} out of order")
    return lines


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Columns of equal width; texts to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def pad(cell: str, width: int) -> str:
    """Names of servers to the left, everything else to the right."""
    return cell.ljust(width) if cell in {OURS, PEER, "server"} else cell.rjust(width)
