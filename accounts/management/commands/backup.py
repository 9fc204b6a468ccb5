"""`manage.py backup`: everything as it is now, in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hucares.backups import archive
from hucares.backups.copies import note_copy
from hucares.backups.errors import BackupError
from hucares.backups.places import Folder, Place, place_of
from hucares.commands import Progress, add_dry_run, add_json, as_json
from hucares.env import SettingError


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
            "--copy-to",
            metavar="PLACE",
            default=settings.BACKUP_COPY_TO,
            help="put a copy there too: a folder, such as a mounted disk, or s3://bucket/prefix (BACKUP_COPY_TO)",
        )
        parser.add_argument("--keep", type=int, metavar="N", help="remove all but the newest N backups, copies as well")
        add_dry_run(parser, "say where the backup would go, and which would be removed")
        add_json(parser)

    def handle(self, *args: Any, to: Path | None, encrypt_to: str, copy_to: str, **options: Any) -> None:
        """Back up, report."""
        keep, place = options["keep"], to or settings.BACKUP_FOLDER
        if keep is not None and keep < 1:
            raise CommandError("--keep must be at least 1: the backup that is being made is one of them.")
        try:
            elsewhere = place_of(copy_to) if copy_to else None
            if options["dry_run"]:
                places = [one for one in (Folder(place), elsewhere) if one and keep]
                surplus = [folder for one in places for folder in one.surplus(keep - 1)]
                self.stdout.write(foreseen(place, elsewhere, surplus, in_json=options["json"]))
                return
            with Progress(self.stderr) as progress:
                backup = archive.make(place, recipient=encrypt_to, tell=progress.say)
                # Before the copy: while that fails, the disk here is not to fill up.
                removed = Folder(place).rotate(keep) if keep else []
                copy = None
                if elsewhere:
                    progress.say("Copying …")
                    copy = elsewhere.copy(backup)
                    note_copy(place, backup)
                    removed += elsewhere.rotate(keep) if keep else []
        except (BackupError, SettingError) as error:
            raise CommandError(str(error)) from None
        report = as_json(document(backup, copy, removed)) if options["json"] else as_text(backup, copy, removed)
        self.stdout.write(report)


def foreseen(place: Path, elsewhere: Place | None, surplus: list[str], *, in_json: bool) -> str:
    """What would be done now: the new backup is one of those that are kept."""
    if in_json:
        copy = str(elsewhere) if elsewhere else None
        return as_json({"dryRun": True, "folder": str(place), "copy": copy, "removed": surplus})
    lines = [f"A backup would be made in {place}{f', and copied to {elsewhere}' if elsewhere else ''}."]
    lines += [f"{folder} would be removed." for folder in surplus]
    return "\n".join([*lines, "Nothing was changed."])


def document(backup: archive.Backup, copy: str | None, removed: list[str]) -> dict[str, Any]:
    """The report for machines."""
    return {
        "folder": str(backup.folder),
        "madeAt": backup.manifest.made_at.isoformat(),
        "bytes": backup.size,
        "rows": {name: table.rows for name, table in backup.manifest.tables.items()},
        "copy": copy,
        "removed": removed,
    }


def as_text(backup: archive.Backup, copy: str | None, removed: list[str]) -> str:
    """The report for people."""
    tables = backup.manifest.tables
    rows = sum(table.rows for table in tables.values())
    lines = [f"{backup.folder}: {rows} rows in {len(tables)} tables, {backup.size} bytes."]
    lines += [f"Copied to {copy}."] if copy else []
    lines += [f"Removed {folder}." for folder in removed]
    return "\n".join(lines)
