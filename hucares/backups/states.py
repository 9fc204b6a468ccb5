"""When there was a backup last, for whoever watches the server."""

from __future__ import annotations

from django.conf import settings

from hucares.backups.archive import newest_moment
from hucares.backups.errors import BackupError
from hucares.states import register_state


def last_backup() -> float | None:
    """The moment that the newest backup in the usual place shows, in Unix time; None if there is none."""
    try:
        moment = newest_moment(settings.BACKUP_FOLDER)
    except BackupError:
        return None
    return moment.timestamp() if moment else None


register_state(
    "hucares_last_backup_timestamp_seconds",
    "The moment of the newest backup in BACKUP_FOLDER, in Unix time.",
    last_backup,
    in_database=False,
)
