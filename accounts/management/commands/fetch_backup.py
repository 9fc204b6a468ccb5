"""`manage.py fetch_backup`: a copy of a backup, brought back from where copies are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hucares.backups.errors import BackupError
from hucares.backups.places import chosen, place_of
from hucares.commands import Progress, add_dry_run, add_json, as_json
from hucares.env import SettingError


class Command(BaseCommand):
    """Brings a copy, checks it, says where it is."""

    help = (
        "Brings a backup back from where copies are kept (--copy-to of `backup`), for when the server with the "
        "backups is lost, or to see with `verify_backup` whether the copy is good. `restore_backup` takes it from "
        "there. The exit code is 0, or 1 when there is no such backup or it is damaged: the reason is on stderr."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which one, from where, to where."""
        parser.add_argument("name", nargs="?", default="", help="such as hucares-20260325T120000Z (the newest)")
        parser.add_argument(
            "--from",
            dest="source",
            metavar="PLACE",
            default=settings.BACKUP_COPY_TO,
            help="where copies are kept: a folder, or s3://bucket/prefix (BACKUP_COPY_TO)",
        )
        parser.add_argument("--to", type=Path, metavar="FOLDER", help="where to bring it (BACKUP_FOLDER)")
        add_dry_run(parser, "say which one would be brought")
        add_json(parser)

    def handle(self, *args: Any, name: str, source: str, to: Path | None, dry_run: bool, **options: Any) -> None:
        """Bring it."""
        if not source:
            raise CommandError("BACKUP_COPY_TO is not set, and no --from is given: there are no copies.")
        to = to or settings.BACKUP_FOLDER
        try:
            place = place_of(source)
            name = chosen(name, place.names(), str(place))
            with Progress(self.stderr) as progress:
                progress.say(f"Bringing {name} …")
                folder = to / name if dry_run else place.fetch(name, to)
        except (BackupError, SettingError) as error:
            raise CommandError(str(error)) from None
        text = f"{folder} would be brought from {place}." if dry_run else f"{folder} is good, and was in {place}."
        self.stdout.write(as_json({"dryRun": dry_run, "folder": str(folder)}) if options["json"] else text)
