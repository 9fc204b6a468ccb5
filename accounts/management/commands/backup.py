"""`manage.py backup`: everything as it is now, in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hucares.backups import archive
from hucares.backups.errors import BackupError
from hucares.encoding import encode


class Command(BaseCommand):
    """Makes a backup, copies it, and removes the oldest."""

    help = (
        "Makes a backup of the database and the uploaded files (not of those in a bucket) as they are at one moment; "
        "the servers go on. It is a folder named after the time (UTC), with checksums and the number of rows of each "
        "table, for its owner to read alone: it holds everything that people have written. PostgreSQL's client "
        "programs must be of the server's version. `verify_backup` sees whether it is good, `restore_backup` brings it "
        "back. The exit code is 0, or 1 when there is no backup, or no copy of it: the reason is on stderr."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, for whom, how many."""
        parser.add_argument("--to", type=Path, metavar="FOLDER", help="where backups are kept (BACKUP_FOLDER)")
        parser.add_argument(
            "--encrypt-to",
            default="",
            metavar="NAME",
            help="encrypt it for somebody: a recipient of age (age1…, ssh-…), or a key that gpg knows",
        )
        parser.add_argument(
            "--copy-to", type=Path, metavar="FOLDER", help="put a copy there too, such as on a mounted disk elsewhere"
        )
        parser.add_argument("--keep", type=int, metavar="N", help="remove all but the newest N backups, copies as well")
        parser.add_argument("--json", action="store_true", help="write the report as one JSON object")

    def handle(self, *args: Any, to: Path | None, encrypt_to: str, copy_to: Path | None, **options: Any) -> None:
        """Back up, report."""
        keep, place = options["keep"], to or settings.BACKUP_FOLDER
        if keep is not None and keep < 1:
            raise CommandError("--keep must be at least 1: the backup that is being made is one of them.")
        try:
            backup = archive.make(place, recipient=encrypt_to)
            copy = archive.copy(backup, copy_to) if copy_to else None
        except BackupError as error:
            raise CommandError(str(error)) from None
        removed = [folder for where in (place, copy_to) if keep and where for folder in archive.rotate(where, keep)]
        self.stdout.write(as_json(backup, copy, removed) if options["json"] else as_text(backup, copy, removed))


def as_json(backup: archive.Backup, copy: Path | None, removed: list[Path]) -> str:
    """The report for machines."""
    return encode(
        {
            "folder": str(backup.folder),
            "madeAt": backup.manifest.made_at.isoformat(),
            "bytes": backup.size,
            "rows": {name: table.rows for name, table in backup.manifest.tables.items()},
            "copy": copy and str(copy),
            "removed": [str(folder) for folder in removed],
        }
    ).decode()


def as_text(backup: archive.Backup, copy: Path | None, removed: list[Path]) -> str:
    """The report for people."""
    tables = backup.manifest.tables
    rows = sum(table.rows for table in tables.values())
    lines = [f"{backup.folder}: {rows} rows in {len(tables)} tables, {backup.size} bytes."]
    lines += [f"Copied to {copy}."] if copy else []
    lines += [f"Removed {folder}." for folder in removed]
    return "\n".join(lines)
