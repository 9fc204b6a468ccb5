"""python -m benchmarks.load: what calls take at a steady rate, route by route, and statements, one by one."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

from benchmarks.realtime.report import aligned, machine
from benchmarks.realtime.servers import Server, ServerFailed, hucares
from benchmarks.realtime.world import World, world
from hucares.testing.private_server import ServerUnavailable

if TYPE_CHECKING:
    from benchmarks.load.callers import Answers
    from benchmarks.load.calls import Guest

PER_GROUP = 10
WEEKS = 52
MILLISECONDS = 1000.0
SLOWEST_SHOWN = 5
PRELOADED = ("--shared_preload_libraries=pg_stat_statements",)
# Statements of the server's own, slowest on average first; the benchmark's own are before the reset.
STATEMENTS = """
    SELECT calls, mean_exec_time, max_exec_time, regexp_replace(left(query, 90), '\\s+', ' ', 'g')
    FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY mean_exec_time DESC
"""


def main() -> int:
    """Measure, and tell. 0; 1 if a target was missed, with --strict; 2 if it could not be measured."""
    options = arguments()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="hucares-benchmark-") as name,
            world(Path(name), options.people, PER_GROUP, PRELOADED) as place,
        ):
            return measured(place, options, Path(name))
    except (ServerFailed, ServerUnavailable, TimeoutError) as problem:
        print(f"benchmark: it could not be measured: {problem}.", file=sys.stderr)
        return 2


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="What calls of the API take at a steady rate.")
    parser.add_argument("--people", type=int, default=2000, help="people, who have checked in for a year (2000)")
    parser.add_argument("--servers", type=int, default=1, help="servers on ports of their own (1)")
    parser.add_argument("--processes", type=int, default=1, help="processes of each (1)")
    parser.add_argument("--rate", type=float, default=100.0, help="calls a second (100)")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long (30)")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a target is missed")
    return parser.parse_args()


def measured(place: World, options: argparse.Namespace, folder: Path) -> int:
    """Fill the world, serve it, call, tell."""
    from benchmarks.load.callers import Load

    guests = move_in(place)
    environment = {**place.environment, "THROTTLE_SCALE": "0", "LOG_LEVEL": "warning"}
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(hucares(environment, options.processes, folder / f"{number}.log"))
            for number in range(options.servers)
        ]
        ports = [server.port for server in servers]
        Load(ports, guests, options.rate / 2, 5.0).run()  # connections, imports, what is remembered
        forget_statements()
        before = cpu_of(servers)
        answers = Load(ports, guests, options.rate, options.seconds).run()
        busy = (cpu_of(servers) - before) / options.seconds
    return tell(options, answers, busy)


def cpu_of(servers: list[Server]) -> float:
    """Seconds of CPU that all have used."""
    return sum(server.cpu() for server in servers)


def move_in(place: World) -> list[Guest]:
    """Everybody has checked in each week for a year, and has a password."""
    from django.contrib.auth.hashers import make_password
    from django.db import connection

    from accounts.models import Session, User
    from accounts.tokens import access_token
    from benchmarks.analytics.__main__ import STRANGERS
    from benchmarks.load.calls import PASSWORD, Guest

    User.objects.update(password=make_password(PASSWORD), email_verified=True)
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION pg_stat_statements")
        cursor.execute(STRANGERS, {"weeks": WEEKS, "known": []})
        # This week is still to come.
        cursor.execute("DELETE FROM check_ins WHERE week_start_date = CAST(date_trunc('week', current_date) AS date)")
        cursor.execute("VACUUM (ANALYZE)")
    sessions = Session.objects.select_related("user")
    groups = {member: str(circle.group_id) for circle in place.circles for member in circle.members}
    return [Guest(access_token(row), row.user.email, groups[row.user_id]) for row in sessions]


def forget_statements() -> None:
    """Count statements from now on."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_statements_reset()")


def statements() -> list[tuple[int, float, float, str]]:
    """(calls, milliseconds on average and at most, its beginning) of each statement, slowest first."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS)
        return [tuple(row) for row in cursor.fetchall() if "pg_stat_statements" not in row[3]]


def tell(options: argparse.Namespace, answers: Answers, busy: float) -> int:
    """Print everything; the exit code."""
    everything = sorted(seconds for taken in answers.seconds.values() for seconds in taken)
    rows: list[tuple[str, ...]] = [("call", "answers", "p50 ms", "p95 ms", "p99 ms")]
    rows += [columns(name, taken) for name, taken in sorted(answers.seconds.items())]
    rows.append(columns("all", everything))
    slowest = statements()
    told: list[tuple[str, ...]] = [("ms on average", "at most", "calls", "statement")]
    told += [(f"{mean:.1f}", f"{most:.1f}", str(calls), text) for calls, mean, most, text in slowest[:SLOWEST_SHOWN]]
    p95 = percentile(everything, 95) * MILLISECONDS
    targets = {
        f"p95 under 200 ms: {p95:.0f} ms": p95 < 200,
        f"no statement over 200 ms on average: {slowest[0][1]:.1f} ms": slowest[0][1] < 200,
        f"no call went wrong: {dict(answers.wrong) or 'none'}": not answers.wrong,
    }
    print(
        f"{machine()}; {options.rate:.0f} calls a second for {options.seconds:.0f} s, {options.people} people, "
        f"{options.servers} servers of {options.processes} processes, {busy:.0%} of a core",
        *aligned(rows),
        "",
        *aligned(told),
        "",
        *(f"{'met   ' if met else 'MISSED'}  {target}" for target, met in targets.items()),
        sep="\n",
    )
    return 1 if options.strict and not all(targets.values()) else 0


def columns(name: str, taken: list[float]) -> tuple[str, ...]:
    """One line."""
    return (name, str(len(taken)), *(f"{percentile(taken, share) * MILLISECONDS:.1f}" for share in (50, 95, 99)))


def percentile(values: list[float], share: int) -> float:
    """The value below which so many percent of them are."""
    return quantiles(values, n=100)[share - 1] if len(values) > 1 else sum(values)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hucares.settings")
    sys.exit(main())
