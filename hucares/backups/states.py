"""When there was a backup last, and a copy of one, for whoever watches the server."""

from __future__ import annotations

from django.conf import settings

from hucares.backups.archive import newest_moment
from hucares.backups.copies import newest_copy
from hucares.backups.errors import BackupError
from hucares.states import register_state


def last_backup() -> float | None:
    """The moment that the newest backup in the usual place shows, in Unix time; None if there is none."""
    try:
        moment = newest_moment(settings.BACKUP_FOLDER)
    except BackupError:
        return None
    return moment.timestamp() if moment else None


def last_copy() -> float | None:
    """The moment of the newest backup that was copied, in Unix time; 0 if none was, None if none is meant to be."""
    moment = newest_copy(settings.BACKUP_FOLDER)
    if moment is None:
        return 0.0 if settings.BACKUP_COPY_TO else None
    return moment.timestamp()


register_state(
    "hucares_last_backup_timestamp_seconds",
    "The moment of the newest backup in BACKUP_FOLDER, in Unix time.",
    last_backup,
    in_database=False,
)
register_state(
    "hucares_last_backup_copy_timestamp_seconds",
    "The moment of the newest backup that was copied elsewhere, in Unix time.",
    last_copy,
    in_database=False,
)
