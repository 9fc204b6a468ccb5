"""Which backup was copied last: noted beside the backups, for nobody asks the place of the copies every minute."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from hucares.backups.archive import Backup
from hucares.backups.errors import BackupError

NOTE = "last-copy"


def note_copy(place: Path, backup: Backup) -> None:
    """Note that there is a copy of this backup. Raises `BackupError`."""
    unfinished = place / f"{NOTE}.unfinished"
    try:
        unfinished.write_text(f"{backup.manifest.made_at.isoformat()}\n")
        unfinished.replace(place / NOTE)
    except OSError as error:
        raise BackupError(f"{place / NOTE} cannot be written: {error.strerror}.") from None


def newest_copy(place: Path) -> datetime | None:
    """The moment that the newest backup with a copy shows; None if there is none. Raises `OSError`."""
    try:
        return datetime.fromisoformat((place / NOTE).read_text().strip())
    except (FileNotFoundError, ValueError):
        return None
