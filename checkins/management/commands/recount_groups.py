"""`manage.py recount_groups`: whether the figures of the groups agree with their rows."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from checkins.recount import Difference, batches, wrong_figures
from groups.models import Group
from hucares.commands import Progress, add_dry_run, add_json, as_json, table
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
        add_dry_run(parser, "report what differs")
        add_json(parser)

    def handle(self, *args: Any, dry_run: bool, json: bool, **options: Any) -> None:
        """Recount, report, mend."""
        found = list[Difference]()
        with Progress(self.stderr, "groups", Group.objects.count()) as progress:
            for batch in batches():
                found += wrong_figures(batch, mend=not dry_run)
                progress.add(len(batch))
        groups = progress.done
        self.stdout.write(as_json(document(groups, found, dry_run)) if json else as_text(groups, found, dry_run))
        if found and dry_run:
            sys.exit(1)


def document(groups: int, found: list[Difference], dry_run: bool) -> dict[str, Any]:
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
    return {"groups": groups, "dryRun": dry_run, "differences": rows}


def as_text(groups: int, found: list[Difference], dry_run: bool) -> str:
    """The report for people."""
    rows = [(one.group_id, one.figure, one.stored, one.counted, one.group_name) for one in found]
    outcome = "nothing was changed" if dry_run or not found else "they have been mended"
    return "\n".join(
        [
            *table(("group", "figure", "stored", "counted", "name"), rows),
            f"Groups: {groups}. Figures that differ: {len(found)}; {outcome}.",
        ]
    )
