"""Making, checking and restoring backups: folders that are complete, or have another name."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection
from django.utils import timezone

from hucares.backups import afterwards, encryption, media
from hucares.backups.errors import BackupError
from hucares.backups.manifest import NAME, Manifest, damage, differences, part_of
from hucares.backups.postgres import Postgres
from hucares.backups.sqlite import Sqlite

COMPLETE = re.compile(r"hucares-\d{8}T\d{6}Z")
UNFINISHED = ".unfinished"
Engine = Postgres | Sqlite
Tell = Callable[[str], None]  # is told what is being done, for whoever watches


def nobody(text: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A complete backup."""

    folder: Path
    manifest: Manifest

    @property
    def size(self) -> int:
        """Bytes of all its parts."""
        return sum(part.bytes for part in self.manifest.parts.values())


def engine() -> Engine:
    """What knows the database of the settings."""
    return Postgres() if connection.vendor == "postgresql" else Sqlite()


def make(place: Path, *, recipient: str = "", tell: Tell = nobody) -> Backup:
    """Make a backup in a folder of its own below `place`. Raises `BackupError`, and there is none."""
    now = timezone.now().astimezone(UTC)
    final = place / f"hucares-{now:%Y%m%dT%H%M%SZ}"
    with contextlib.suppress(FileExistsError):
        place.mkdir(parents=True, mode=0o700)
    if final.exists():
        raise BackupError(f"{final} is there already.")
    with unfinished(final) as folder:
        database = engine()
        tell("Dumping the database …")
        tables = database.dump(folder / database.file)
        paths = [folder / database.file]
        if media.is_here():
            tell("Packing the files …")
            media.pack(folder / media.FILE)
            paths.append(folder / media.FILE)
        if recipient:
            tell("Encrypting …")
            paths = [encryption.encrypt(path, recipient) for path in paths]
        parts = {path.name: part_of(path) for path in paths}
        program = encryption.program_for(recipient) if recipient else ""
        Manifest(now, database.name, database.server(), tables, parts, program).write(folder)
    return Backup(final, Manifest.read(final))


@contextlib.contextmanager
def unfinished(final: Path) -> Iterator[Path]:
    """A folder that gets its name once everything in it is on the disk; if anything fails, it is gone."""
    folder = final.with_name(f"{final.name}{UNFINISHED}")
    shutil.rmtree(folder, ignore_errors=True)
    mask = os.umask(0o077)  # for whoever makes the backup alone: it holds everything
    try:
        folder.mkdir()
        yield folder
        for path in [*folder.iterdir(), folder]:
            flush_to_disk(path)
        folder.rename(final)
        flush_to_disk(final.parent)
    except OSError as error:
        raise BackupError(f"{final} cannot be written: {error.strerror}.") from None
    finally:
        os.umask(mask)
        shutil.rmtree(folder, ignore_errors=True)


def flush_to_disk(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def backups_in(place: Path) -> list[Path]:
    """The complete backups below a folder, the oldest first."""
    if not place.is_dir():
        return []
    return sorted(path for path in place.iterdir() if COMPLETE.fullmatch(path.name) and (path / NAME).is_file())


def rotate(place: Path, keep: int) -> list[Path]:
    """Remove all but the newest backups below a folder; those that went. One that is half removed is none."""
    surplus = surplus_in(place, keep)
    for folder in surplus:
        (folder / NAME).unlink()
        shutil.rmtree(folder)
    return surplus


def surplus_in(place: Path, keep: int) -> list[Path]:
    """All but the newest backups below a folder."""
    backups = backups_in(place)
    return backups[: max(0, len(backups) - keep)]


def copy(backup: Backup, place: Path) -> Path:
    """Put a copy below another folder, such as a mounted disk elsewhere. Raises `BackupError`."""
    final = place / backup.folder.name
    if not place.is_dir():
        raise BackupError(f"{place} is not there: is the disk mounted?")
    with unfinished(final) as folder:
        for path in backup.folder.iterdir():
            shutil.copyfile(path, folder / path.name)
        if sentences := damage(folder, backup.manifest):
            raise BackupError(f"The copy in {final} is not good: {' '.join(sentences)}")
    return final


@contextlib.contextmanager
def opened(folder: Path, identity: Path | None = None) -> Iterator[Backup]:
    """A backup whose files are good, and plain for as long as it is open. Raises `BackupError`."""
    manifest = Manifest.read(folder)
    if sentences := damage(folder, manifest):
        raise BackupError(" ".join(sentences))
    if not manifest.encrypted_with:
        yield Backup(folder, manifest)
        return
    with tempfile.TemporaryDirectory(prefix="hucares-backup-") as name:
        for part in manifest.parts:
            plain = Path(name) / part.removesuffix(f".{manifest.encrypted_with}")
            encryption.decrypt(folder / part, plain, manifest.encrypted_with, identity)
        yield Backup(Path(name), replace(manifest, encrypted_with=""))


def verify(folder: Path, identity: Path | None = None, tell: Tell = nobody) -> list[str]:
    """A sentence for each thing that is wrong with a backup, once it has been restored somewhere to see."""
    try:
        with opened(folder, identity) as backup:
            database = engine_of(backup)
            tell("Restoring the database where nobody is, and reading it …")
            found = database.content_of(backup.folder / database.file)
            if (backup.folder / media.FILE).exists():
                media.names_in(backup.folder / media.FILE)
            return differences(backup.manifest.tables, found)
    except BackupError as error:
        return [str(error)]


def look_at(folder: Path, *, force: bool = False, identity: Path | None = None, tell: Tell = nobody) -> Backup:
    """A backup that could be restored now. Raises `BackupError` as `restore` would before it changes anything."""
    with opened(folder, identity) as backup:
        require_room(engine_of(backup), force=force)
        return backup


def restore(folder: Path, *, force: bool = False, identity: Path | None = None, tell: Tell = nobody) -> Backup:
    """Put a backup into the place of what is there. Raises `BackupError`, and the database has not changed.

    Files that came later are removed last: until then every row finds its own.
    """
    with opened(folder, identity) as backup:
        database = engine_of(backup)
        require_room(database, force=force)
        files = backup.folder / media.FILE
        has_files = media.is_here() and files.exists()
        if has_files:
            tell("Unpacking the files …")
            media.unpack(files)
        tell("Restoring the database …")
        database.restore(backup.folder / database.file, afterwards.statements())
        if has_files:
            media.remove_others(files)
        return backup


def require_room(database: Engine, *, force: bool) -> None:
    """Raises `BackupError` if there is something that would be lost, unless that is meant."""
    if not force and not database.is_empty():
        raise BackupError("The database is not empty; --force puts the backup into the place of what is there.")


def engine_of(backup: Backup) -> Engine:
    """What knows the database of the settings, which must be of the backup's kind. Raises `BackupError`."""
    database = engine()
    if database.name != backup.manifest.engine:
        raise BackupError(f"The backup is of {backup.manifest.engine}, but DATABASE_URL names {database.name}.")
    return database


def newest_moment(place: Path) -> datetime | None:
    """The moment that the newest complete backup below a folder shows."""
    newest = backups_in(place)[-1:]
    return Manifest.read(newest[0]).made_at if newest else None
