"""`manage.py import_local_storage`: somebody's file from the old app, imported by an operator."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.operators import user_named
from checkins.import_plan import Outcome, Row
from checkins.import_serializers import ImportReportOutput
from checkins.importing import MAX_BYTES, Report, import_local_storage
from groups.operators import group_id_in
from hucares.commands import Progress, add_dry_run, add_json, as_json, table
from hucares.errors import DomainError

TITLES = {
    Outcome.IMPORTED: "imported",
    Outcome.ALREADY_IMPORTED: "already imported",
    Outcome.SUPERSEDED: "superseded",
    Outcome.SKIPPED: "skipped",
}


class Command(BaseCommand):
    """Imports a file, and says what became of each record."""

    help = (
        "Imports what the old app kept in somebody's browser: its export, or a dump of its localStorage, as JSON of "
        "at most 2 MiB. All of it or nothing; the same file again changes nothing; nobody is notified. The exit code "
        "is 0, or 1 when nothing was imported because something is wrong with the file, the person or the group."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, whose it is, and where it goes."""
        parser.add_argument("file", help="the JSON document; - reads standard input")
        parser.add_argument("--user", required=True, help="whose check-ins they are: a username, e-mail address or id")
        parser.add_argument("--group", help="the id of a group of theirs; without it a private group of one")
        add_dry_run(parser, "say what would happen")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, or say in one sentence why not."""
        try:
            with Progress(self.stderr) as progress:
                progress.say("Importing …")
                report = import_local_storage(
                    user=user_named(options["user"]),
                    data=text_of(options["file"]),
                    group_id=group_id_in(options["group"]),
                    dry_run=options["dry_run"],
                )
        except DomainError as error:
            raise CommandError(error.message) from error
        if options["json"]:
            self.stdout.write(as_json(dict(ImportReportOutput(report).data)))
            return
        for line in as_text(report):
            self.stdout.write(line)


def text_of(file: str) -> str:
    """What the file says, read only as far as is allowed and one byte more. Raises `CommandError`."""
    try:
        if file == "-":
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    if len(content) > MAX_BYTES:
        raise CommandError(f"{file} is too large: what the old app kept may have at most 2 MiB.")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not JSON: it is not written in UTF-8.") from error


def as_text(report: Report) -> list[str]:
    """The report for a person to read: what it comes to, then each record that is not imported."""
    lines = ["A dry run: nothing was written."] if report.dry_run else []
    lines += table(("records", "count"), [(title, report.count(outcome)) for outcome, title in TITLES.items()])
    lines.append(f"group: {report.group_id or 'none'}")
    left_out = [row for row in report.rows if row.outcome != Outcome.IMPORTED]
    return lines + ([""] if left_out else []) + table(("week", "record", "id", "why"), map(cells_of, left_out))


def cells_of(row: Row) -> tuple[str, str, str, str]:
    """One record that is not imported. Old ids are printable: the reader makes others itself."""
    return str(row.week_start_date or "no date"), TITLES[row.outcome], str(row.legacy_id), row.reason or ""
