"""`manage.py verify_backup`: whether a backup is good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hucares.backups import archive
from hucares.commands import Progress, add_json, as_json


class Command(BaseCommand):
    """Restores a backup where nobody is, compares, and reports."""

    help = (
        "Sees whether a backup is good: its files have their checksums, and what the dump brings into a database that "
        "is made for that alone has the rows, in number and content, that were in the tables when it was made. With "
        "PostgreSQL that database is on the same server (whose user must be allowed to make one) and is removed at the "
        "end. Nothing of what is served changes. The exit code is 0 if it is good, else 1, with a sentence on stderr "
        "for each thing that is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which one."""
        parser.add_argument("folder", nargs="?", type=Path, help="the backup (the newest one in BACKUP_FOLDER)")
        parser.add_argument("--identity", type=Path, metavar="FILE", help="the file with age's identity, to decrypt it")
        add_json(parser)

    def handle(self, *args: Any, folder: Path | None, identity: Path | None, json: bool, **options: Any) -> None:
        """Verify, report."""
        folder = folder or newest()
        with Progress(self.stderr) as progress:
            progress.say("Checking the files …")
            sentences = archive.verify(folder, identity, progress.say)
        if json:
            self.stdout.write(as_json({"folder": str(folder), "good": not sentences, "problems": sentences}))
        elif not sentences:
            self.stdout.write(f"{folder} is good.")
        if sentences:
            raise CommandError("\n".join(sentences))


def newest() -> Path:
    """The newest backup in the usual place. Raises `CommandError`."""
    backups = archive.backups_in(settings.BACKUP_FOLDER)
    if not backups:
        raise CommandError(f"There is no backup in {settings.BACKUP_FOLDER}.")
    return backups[-1]
