"""`manage.py prune`: removes rows that nobody needs any more."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from hucares.commands import Progress, add_dry_run, add_json, as_json, table
from hucares.pruning import PRUNINGS, Pruning


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one kind of rows; `error` names what kept them from being removed, if anything did."""

    pruning: Pruning
    rows: int
    error: str | None = None


class Command(BaseCommand):
    """Removes everything that may go, and reports."""

    help = (
        "Removes rows that have had their time: old group events, expired notifications, ended sign-in sessions, "
        "sent mails and the like; the table that it prints says how long each kind is kept. Workers do the same by "
        "themselves every hour, so this is for looking (--dry-run), and for when no worker ran for long. It may run "
        "beside the servers and twice at once: it removes a few hundred rows at a time. Whatever is removed is gone; "
        "no check-in, group or person ever is. The exit code is 0, or 1 when a kind of rows could not be removed: the "
        "reason is on stderr, and the other kinds are done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Two choices."""
        add_dry_run(parser, "count what would go")
        add_json(parser)

    def handle(self, *args: Any, dry_run: bool, json: bool, **options: Any) -> None:
        """Prune, report."""
        outcomes = [self.pruned(pruning, dry_run) for pruning in PRUNINGS.values()]
        self.stdout.write(as_json(document(outcomes, dry_run)) if json else as_text(outcomes, dry_run))
        if any(outcome.error for outcome in outcomes):
            sys.exit(1)

    def pruned(self, pruning: Pruning, dry_run: bool) -> Outcome:
        """Count or remove one kind of rows, all of it."""
        removed = 0
        try:
            if dry_run:
                return Outcome(pruning, pruning.count())
            with Progress(self.stderr, f"{pruning.name} removed") as progress:
                while batch := pruning.remove_batch():
                    removed += batch
                    progress.add(batch)
        except DatabaseError as error:
            self.stderr.write(f"{pruning.name}: {error}".strip())
            return Outcome(pruning, removed, type(error).__name__)
        return Outcome(pruning, removed)


def document(outcomes: list[Outcome], dry_run: bool) -> dict[str, Any]:
    """The report for machines."""
    rows = [
        {"name": one.pruning.name, "kept": one.pruning.kept, "rows": one.rows, "error": one.error} for one in outcomes
    ]
    return {"dryRun": dry_run, "kinds": rows}


def as_text(outcomes: list[Outcome], dry_run: bool) -> str:
    """The report for people."""
    done = "to remove" if dry_run else "removed"
    rows = [
        (one.pruning.name, one.rows, f"{one.pruning.kept}{'  FAILED: ' + one.error if one.error else ''}")
        for one in outcomes
    ]
    total = sum(one.rows for one in outcomes)
    return "\n".join(
        [
            *table(("rows", done, "kept for"), rows),
            f"Rows {done}: {total}{'; nothing was changed' if dry_run else ''}.",
        ]
    )
