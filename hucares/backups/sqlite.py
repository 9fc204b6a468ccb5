"""SQLite's side of a backup: its online backup, and what a file holds."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.db import connections

from hucares.backups.errors import BackupError
from hucares.backups.manifest import Table, Tables

FILE = "database.sqlite3"
LOCK_SECONDS = 30.0
TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"


class Sqlite:
    """The file that the settings name."""

    name, file = "sqlite", FILE

    def __init__(self) -> None:
        self.path = Path(connections["default"].settings_dict["NAME"])

    def server(self) -> str:
        """The library's version."""
        return f"SQLite {sqlite3.sqlite_version}"

    def dump(self, path: Path) -> Tables:
        """Write everything to a file, and tell what it is, while others write on. Raises `BackupError`."""
        with opened(self.path) as source, opened(path, new=True) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # so that it is this one file
            return tables_in(copy)

    def is_empty(self) -> bool:
        """Whether there are no tables yet."""
        if not self.path.exists():
            return True
        with opened(self.path) as file:
            return file.execute(TABLES).fetchone() is None

    def restore(self, path: Path, afterwards: Sequence[str] = ()) -> None:
        """Put what a file holds into the place of all that is there, and run these statements: all or nothing.

        Raises `BackupError`, and nothing has changed.
        """
        with copied(path) as copy:
            require_sound(copy)
            copy.create_function("gen_random_uuid", 0, lambda: uuid.uuid4().hex)  # as Django writes it there
            for statement in afterwards:
                copy.execute(statement)
            copy.commit()
            with opened(self.path, new=True) as target:
                try:
                    copy.backup(target)
                except sqlite3.Error as error:
                    raise BackupError(f"{self.path} cannot be written: {error}.") from None

    def content_of(self, path: Path) -> Tables:
        """What a backup's file holds. Raises `BackupError`."""
        with copied(path) as copy:
            require_sound(copy)
            return tables_in(copy)

    def content(self) -> Tables:
        """What the database holds now."""
        with opened(self.path) as file:
            return tables_in(file)


@contextlib.contextmanager
def opened(path: Path, *, new: bool = False) -> Iterator[sqlite3.Connection]:
    """A SQLite file. Raises `BackupError`."""
    if not new and not path.exists():
        raise BackupError(f"{path} is not there.")
    try:
        connection = sqlite3.connect(path, timeout=LOCK_SECONDS)
    except sqlite3.Error as error:
        raise BackupError(f"{path} cannot be opened: {error}.") from None
    with contextlib.closing(connection):
        yield connection


@contextlib.contextmanager
def copied(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of a file that is gone afterwards: whatever opens a SQLite file may change it."""
    with tempfile.TemporaryDirectory(prefix="hucares-backup-") as folder:
        place = Path(folder) / FILE
        try:
            shutil.copyfile(path, place)
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error.strerror}.") from None
        with opened(place) as connection:
            yield connection


def require_sound(connection: sqlite3.Connection) -> None:
    """Raises `BackupError` if a file is damaged, or is none of SQLite's."""
    try:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise BackupError(f"The database in it is damaged: {verdict}.")


def tables_in(connection: sqlite3.Connection) -> Tables:
    """Every table with what it holds: half of each row's hash, added up, so that their order does not matter."""
    found = {}
    for (name,) in connection.execute(TABLES).fetchall():
        rows = total = 0
        quoted = name.replace('"', '""')
        for row in connection.execute(f'SELECT * FROM "{quoted}"'):  # noqa: S608  # the table's own name
            rows += 1
            total += int.from_bytes(hashlib.sha256(repr(row).encode()).digest()[:8])
        found[name] = Table(rows, str(total))
    return found
