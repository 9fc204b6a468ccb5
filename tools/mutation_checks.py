"""Shows that the tests would notice: breaks one thing after the other in a copy, and sees named tests fail.

    python tools/mutation_checks.py            all mutants
    python tools/mutation_checks.py gaps       those whose name has this in it

Exit codes: 0 if every mutant was noticed, 1 if one survived, 2 if the checks themselves are broken: a text that is to
be replaced is not there any more, or a test fails without any mutant.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from hucares.testing.servers import PrivatePostgres, PrivateRedis  # noqa: E402

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache", ".hypothesis", "node_modules")


@dataclass(frozen=True)
class Mutant:
    """One thing that is broken: in a file, a text that is there exactly once becomes another; these tests must fail."""

    name: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]


JOINING = "realtime/tests/test_join_group.py::"
GROUP_EVENTS = "realtime/tests/test_group_events.py::"
RACES = "realtime/tests/test_removal_races.py::"

MUTANTS = (
    Mutant(
        "gaps are not closed before the next event",
        "realtime/news.py",
        'return group is not None and message["after"] > group.head',
        "return False",
        (JOINING + "test_a_gap_is_closed_from_the_log_before_the_next_event",),
    ),
    Mutant(
        "events are sent again",
        "realtime/news.py",
        'if group is None or group.head != message["after"]:',
        "if group is None:",
        (JOINING + "test_news_that_comes_in_another_order_and_twice_is_told_in_order_and_once",),
    ),
    Mutant(
        "heartbeats bring nothing",
        "realtime/news.py",
        "elif group is not None and log.head > group.head:",
        "elif False:",
        (
            JOINING + "test_a_lost_last_event_comes_with_the_next_heartbeat",
            "realtime/tests/test_killed_before_publishing.py::"
            "test_a_check_in_comes_with_the_next_heartbeat_and_only_once",
        ),
    ),
    Mutant(
        "numbers are read, then written",
        "realtime/log.py",
        "    uuid_column = GroupLog",
        "    head = log_of(group_id).head + 1\n"
        "    GroupLog.objects.filter(group=group_id).update(head=head)\n"
        "    return head\n"
        "    uuid_column = GroupLog",
        ("realtime/tests/test_log.py::test_concurrent_writers_and_rollbacks_leave_no_gap",),
    ),
    Mutant(
        "whoever joins need not be a member",
        "realtime/connection.py",
        "    visit(user, group_id)\n"
        "    missed = log.replay(group_id, since, epoch)\n"
        "    membership_of(user, group_id)\n",
        "    missed = log.replay(group_id, since, epoch)\n",
        (
            JOINING + "test_former_members_cannot_join[inactive]",
            JOINING + "test_former_members_cannot_join[banned]",
            GROUP_EVENTS + "test_an_outsider_hears_nothing",
        ),
    ),
    Mutant(
        "a removal during a join goes unnoticed",
        "realtime/connection.py",
        "    membership_of(user, group_id)\n    if since",
        "    if since",
        (GROUP_EVENTS + "test_who_is_removed_while_joining_does_not_join",),
    ),
    Mutant(
        "whoever is out may read what was missed",
        "realtime/connection.py",
        "    if not is_member:\n        raise NotFound\n",
        "",
        (JOINING + "test_a_gap_is_not_closed_for_somebody_who_is_out",),
    ),
    Mutant(
        "a removal does not end what one hears",
        "realtime/news.py",
        "if self.is_last(message):",
        "if False:",
        (
            GROUP_EVENTS + "test_who_goes_hears_of_that_on_every_socket_and_then_nothing_more[removed]",
            RACES + "test_whoever_goes_hears_everything_up_to_that_and_nothing_later[no news lost]",
        ),
    ),
    Mutant(
        "what comes after a removal that was missed is told",
        "realtime/connection.py",
        "        if event.is_last_for(user.pk):\n            return missed[:count]\n",
        "        pass\n",
        (
            GROUP_EVENTS + "test_who_left_and_came_back_without_news_has_to_join_again",
            RACES + "test_whoever_goes_hears_everything_up_to_that_and_nothing_later[all news lost]",
        ),
    ),
)


def main(wanted: str = "") -> int:
    """Check every mutant whose name has `wanted` in it. Returns the exit code."""
    mutants = [mutant for mutant in MUTANTS if wanted in mutant.name]
    with tempfile.TemporaryDirectory(prefix="hucares-mutants-") as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        if misfits := [mutant for mutant in mutants if not fits(mutant, copy)]:
            return complain(misfits)
        servers = [PrivatePostgres(), PrivateRedis()]
        try:
            for server in servers:
                os.environ[server.variable] = server.start()
            return check(mutants, copy)
        finally:
            for server in servers:
                server.stop()


def fits(mutant: Mutant, copy: Path) -> bool:
    """Whether the text that is to be replaced is there exactly once."""
    return (copy / mutant.path).read_text().count(mutant.old) == 1


def complain(misfits: list[Mutant]) -> int:
    """Say which mutants fit the code no more. Returns the exit code."""
    for mutant in misfits:
        print(f"BROKEN    {mutant.name}: {mutant.path} does not have this exactly once:\n{mutant.old}")
    return 2


def check(mutants: list[Mutant], copy: Path) -> int:
    """Run the tests of all without a mutant, then those of each with it. Returns the exit code."""
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    passed, _ = outcomes(tests, copy, "--create-db")
    if set(tests) - passed:
        print("BROKEN    these do not pass without any mutant:", *sorted(set(tests) - passed), sep="\n    ")
        return 2
    survivors = [mutant for mutant in mutants if not is_noticed(mutant, copy)]
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} mutants were noticed.")
    return 1 if survivors else 0


def is_noticed(mutant: Mutant, copy: Path) -> bool:
    """Whether every test that is named for a mutant fails with it."""
    path = copy / mutant.path
    sound, begun = path.read_text(), time.monotonic()
    path.write_text(sound.replace(mutant.old, mutant.new))
    try:
        blind = set(mutant.tests) - outcomes(mutant.tests, copy)[1]
    finally:
        path.write_text(sound)
    seconds = time.monotonic() - begun
    print(f"{'SURVIVED ' if blind else 'noticed  '} {mutant.name} ({seconds:.0f} s)", *sorted(blind), sep="\n    ")
    return not blind


def outcomes(tests: Sequence[str], copy: Path, *options: str) -> tuple[set[str], set[str]]:
    """Which of these tests pass, and which fail. Those that break before they begin do neither."""
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", "--no-header", "--show-capture=no"]
    command += ["-p", "no:cacheprovider", "--reuse-db", *options, *tests]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=600)
    if done.returncode not in {0, 1}:
        print(done.stdout, done.stderr)
        sys.exit(2)
    passed, failed = (
        {test for test in tests if re.search(rf"^{word} {re.escape(test)}( |$)", done.stdout, re.MULTILINE)}
        for word in ("PASSED", "FAILED")
    )
    return passed, failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
