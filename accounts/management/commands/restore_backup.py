"""`manage.py restore_backup`: a backup in the place of what is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from redis.exceptions import RedisError

from hucares import remembering
from hucares.backups import archive
from hucares.backups.errors import BackupError
from hucares.commands import Progress, add_dry_run, add_json, as_json


class Command(BaseCommand):
    """Restores a backup."""

    help = (
        "Brings a backup back, all of it or nothing: the database of DATABASE_URL, and the uploaded files. Stop the "
        "servers and the worker first. It refuses a database that has anything in it, unless --force says that what "
        "is there may go. A backup of an earlier version is brought up to date with `migrate` afterwards. The logs of "
        "the groups begin another life, so that clients read everything anew. The exit code is 0, or 1 when nothing "
        "was restored: the reason is on stderr."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which one, and how sure."""
        parser.add_argument("folder", type=Path, help="the backup")
        parser.add_argument("--force", action="store_true", help="put it into the place of what the database has now")
        add_dry_run(parser, "tell what would be restored")
        add_json(parser)
        parser.add_argument("--identity", type=Path, metavar="FILE", help="the file with age's identity, to decrypt it")

    def handle(self, *args: Any, folder: Path, dry_run: bool, **options: Any) -> None:
        """Restore, report."""
        do = archive.look_at if dry_run else archive.restore
        try:
            with Progress(self.stderr) as progress:
                progress.say("Checking the files …")
                backup = do(folder, force=options["force"], identity=options["identity"], tell=progress.say)
        except BackupError as error:
            raise CommandError(str(error)) from None
        if not dry_run:
            self.forget_everything()
        report = as_json(document(backup, dry_run)) if options["json"] else as_text(backup, dry_run)
        self.stdout.write(report)

    def forget_everything(self) -> None:
        """Remember no figures of before: they would be found again under the counters that have gone back."""
        try:
            remembering.forget_everything()
        except RedisError:
            self.stderr.write("Redis is away: figures of before may be shown for an hour. Empty it before you go on.")


def document(backup: archive.Backup, dry_run: bool) -> dict[str, Any]:
    """The report for machines."""
    rows = {name: table.rows for name, table in backup.manifest.tables.items()}
    return {"dryRun": dry_run, "madeAt": backup.manifest.made_at.isoformat(), "rows": rows}


def as_text(backup: archive.Backup, dry_run: bool) -> str:
    """The report for people."""
    tables = backup.manifest.tables
    rows = sum(table.rows for table in tables.values())
    done = "Would restore" if dry_run else "Restored"
    moment = f"{backup.manifest.made_at:%Y-%m-%d %H:%M:%S} UTC"
    lines = [f"{done} {rows} rows in {len(tables)} tables, as of {moment}."]
    lines += [] if dry_run else ["Run `manage.py migrate` now, then start the servers."]
    return "\n".join(lines)
