"""`manage.py restore_backup`: a backup in the place of what is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from redis.exceptions import RedisError

from hucares import remembering
from hucares.backups import archive
from hucares.backups.errors import BackupError


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
        parser.add_argument("--dry-run", action="store_true", help="tell what would be restored, and change nothing")
        parser.add_argument("--identity", type=Path, metavar="FILE", help="the file with age's identity, to decrypt it")

    def handle(self, *args: Any, folder: Path, dry_run: bool, **options: Any) -> None:
        """Restore, report."""
        do = archive.look_at if dry_run else archive.restore
        try:
            backup = do(folder, force=options["force"], identity=options["identity"])
        except BackupError as error:
            raise CommandError(str(error)) from None
        rows = sum(table.rows for table in backup.manifest.tables.values())
        done = "Would restore" if dry_run else "Restored"
        moment = f"{backup.manifest.made_at:%Y-%m-%d %H:%M:%S} UTC"
        self.stdout.write(f"{done} {rows} rows in {len(backup.manifest.tables)} tables, as of {moment}.")
        if not dry_run:
            self.forget_everything()
            self.stdout.write("Run `manage.py migrate` now, then start the servers.")

    def forget_everything(self) -> None:
        """Remember no figures of before: they would be found again under the counters that have gone back."""
        try:
            remembering.forget_everything()
        except RedisError:
            self.stderr.write("Redis is away: figures of before may be shown for an hour. Empty it before you go on.")
