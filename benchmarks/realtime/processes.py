"""What processes use, as Linux tells."""

from __future__ import annotations

import os
import time
from pathlib import Path

PROC = Path("/proc")
CPU_CLOCK_OF_PROCESS = 2
QUIET_SHARE = 0.5  # of one core, at most, over one look
LOOK_SECONDS = 0.5
QUIET_LOOKS = 3


def with_children(root: int) -> list[int]:
    """A process and all that descend from it."""
    parents = {int(folder.name): parent_of(folder) for folder in PROC.iterdir() if folder.name.isdigit()}
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def parent_of(folder: Path) -> int:
    """The parent of the process whose folder this is; 0 if it has just ended."""
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of all threads of these processes, those that have ended too.

    Source: clock_getcpuclockid(3) of Linux; /proc/PID/stat only counts in hundredths of a second.
    """
    return sum(time.clock_gettime((~pid << 3) | CPU_CLOCK_OF_PROCESS) for pid in pids)


def machine_seconds() -> float:
    """CPU that everything on this machine has used, in seconds; with what its host has kept from it."""
    user, nice, system, _, _, *interrupts_and_stolen = map(int, (PROC / "stat").read_text().split()[1:9])
    return (user + nice + system + sum(interrupts_and_stolen)) / os.sysconf("SC_CLK_TCK")


def memory_bytes(pids: list[int]) -> int:
    """What is in memory because of these processes; pages that they share count once (PSS)."""
    return sum(pss_in((PROC / str(pid) / "smaps_rollup").read_text()) for pid in pids)


def pss_in(rollup: str) -> int:
    """The proportional set size in a `smaps_rollup`, in bytes."""
    line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024


def wait_until_quiet(root: int, seconds: float) -> None:
    """Wait until a process and its children have little to do, `seconds` at most."""
    deadline, quiet = time.monotonic() + seconds, 0
    while quiet < QUIET_LOOKS and time.monotonic() < deadline:
        pids = with_children(root)
        before = cpu_seconds(pids)
        time.sleep(LOOK_SECONDS)
        same = with_children(root) == pids
        quiet = quiet + 1 if same and cpu_seconds(pids) - before < QUIET_SHARE * LOOK_SECONDS else 0
