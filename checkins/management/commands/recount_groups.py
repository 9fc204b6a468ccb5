"""`manage.py recount_groups`: whether the figures of the groups agree with their rows."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from checkins.recount import Difference, batches, wrong_figures
from hucares.encoding import encode
from hucares.serializers import camelize


class Command(BaseCommand):
    """Counts every group again, reports what differs, and mends it."""

    help = (
        "Counts the members and check-ins of every group again, and works out its participation rate, and mends what "
        "differs. It may run beside the servers. With --dry-run it only reports. The exit code is 0 when all was "
        "right or was mended, and 1 when --dry-run has found a difference."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Two choices."""
        parser.add_argument("--dry-run", action="store_true", help="report what differs and change nothing")
        parser.add_argument("--json", action="store_true", help="write the report as one JSON object")

    def handle(self, *args: Any, dry_run: bool, json: bool, **options: Any) -> None:
        """Recount, report, mend."""
        groups, found = 0, list[Difference]()
        for batch in batches():
            groups += len(batch)
            found += wrong_figures(batch, mend=not dry_run)
        self.stdout.write(as_json(groups, found, dry_run) if json else as_table(groups, found, dry_run))
        if found and dry_run:
            sys.exit(1)


def as_json(groups: int, found: list[Difference], dry_run: bool) -> str:
    """The report for machines."""
    rows = [
        {
            "groupId": one.group_id,
            "name": one.group_name,
            "figure": camelize(one.figure),
            "stored": one.stored,
            "counted": one.counted,
        }
        for one in found
    ]
    return encode({"groups": groups, "dryRun": dry_run, "differences": rows}).decode()


def as_table(groups: int, found: list[Difference], dry_run: bool) -> str:
    """The report for people."""
    lines = [f"{'group':<36}  {'figure':<26}  {'stored':>8}  {'counted':>8}  name"] if found else []
    lines += [
        f"{one.group_id!s:<36}  {one.figure:<26}  {one.stored:>8}  {one.counted:>8}  {one.group_name}" for one in found
    ]
    outcome = "nothing was changed" if dry_run or not found else "they have been mended"
    return "\n".join([*lines, f"Groups: {groups}. Figures that differ: {len(found)}; {outcome}."])
