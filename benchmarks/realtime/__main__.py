"""python -m benchmarks.realtime: HuCares' sockets beside Socket.io's, measured in one run."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks.realtime.figures import OURS, PEER, Setup, targets
from benchmarks.realtime.listener import Refused
from benchmarks.realtime.measure import Plan, measure
from benchmarks.realtime.report import machine, report
from benchmarks.realtime.servers import PEER as PEER_FOLDER
from benchmarks.realtime.servers import ServerFailed
from benchmarks.realtime.world import world
from hucares.testing.private_server import ServerUnavailable

PER_GROUP = 10
FULL = {"sockets": 1000, "processes": (1, 2), "rates": (100, 500, 2000), "rounds": 3, "seconds": 8.0}
QUICK = {"sockets": 200, "processes": (1,), "rates": (100, 500), "rounds": 1, "seconds": 3.0}


def main() -> int:
    """Measure, and tell. 0, or with `--strict` 1 if a target was missed; 2 if it could not be measured."""
    options = arguments()
    if not options.without_peer and not (PEER_FOLDER / "node_modules").is_dir():
        print("Socket.io is not installed: run `make benchmark-realtime`, or give --without-peer.", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything that was started is ended
    try:
        with tempfile.TemporaryDirectory(prefix="hucares-benchmark-") as name:
            setups = run(options, Path(name))
    except (Refused, ServerFailed, ServerUnavailable, TimeoutError) as problem:
        print(f"benchmark: it could not be measured: {problem or 'something took too long'}.", file=sys.stderr)
        return 2
    return tell(options, setups)


def tell(options: argparse.Namespace, setups: list[Setup]) -> int:
    """Print everything, write the file that was asked for; the exit code."""
    found = targets(setups)
    print(report(setups, found))
    if options.json:
        document = {
            "machine": machine(),
            "sockets": options.sockets,
            "setups": [setup.as_json() for setup in setups],
            "targets": [{"text": target.text, "met": target.met} for target in found],
        }
        options.json.write_text(json.dumps(document, indent=2) + "\n")
    return 1 if options.strict and not all(target.met for target in found) else 0


def run(options: argparse.Namespace, folder: Path) -> list[Setup]:
    """Everything that was asked for; files that are needed only meanwhile go into the folder."""
    with world(folder, options.sockets, PER_GROUP) as place:
        say(f"{options.sockets} sockets in groups of {PER_GROUP}; {machine()}")
        return list(measure(place, plan_of(options), folder, say))


def arguments() -> argparse.Namespace:
    """The command line. What is not given is that of a full run, or of a quick one."""
    parser = argparse.ArgumentParser(description="HuCares' sockets beside Socket.io's: loss, delay, CPU and memory.")
    parser.add_argument("--quick", action="store_true", help="fewer sockets, short rounds: does it still work?")
    parser.add_argument("--sockets", type=int, help="how many, a multiple of 10 (1000)")
    parser.add_argument("--processes", type=whole_numbers, help="numbers of server processes (1,2)")
    parser.add_argument("--rates", type=whole_numbers, help="messages published a second (100,500,2000)")
    parser.add_argument("--rounds", type=int, help="rounds of each server at each rate (3)")
    parser.add_argument("--seconds", type=float, help="how long a round lasts (8)")
    parser.add_argument("--without-peer", action="store_true", help="HuCares alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured to this file")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a target is missed")
    options = parser.parse_args()
    for name, value in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


def whole_numbers(text: str) -> tuple[int, ...]:
    """Numbers with commas between them."""
    return tuple(int(number) for number in text.split(","))


def plan_of(options: argparse.Namespace) -> Plan:
    """What to measure."""
    return Plan(
        processes=options.processes,
        rates=options.rates,
        rounds=options.rounds,
        seconds=options.seconds,
        idle_seconds=3.0 if options.quick else 12.5,
        settle_seconds=1.0 if options.quick else 10.0,
        sides=(OURS,) if options.without_peer else (OURS, PEER),
    )


def say(line: str) -> None:
    """How far it is."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
