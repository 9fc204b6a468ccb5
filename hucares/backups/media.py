"""The uploaded files of a backup, in a tar archive. Those in a bucket are left to the bucket."""

from __future__ import annotations

import tarfile
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage

from hucares.backups.errors import BackupError

FILE = "media.tar"


def is_here() -> bool:
    """Whether uploads are kept in a folder of this machine."""
    return isinstance(default_storage, FileSystemStorage)


def files_in(folder: Path) -> list[Path]:
    """The uploaded files."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def pack(archive: Path) -> None:
    """Put every file into an archive. One that is deleted just now is left out; they have no compressible content."""
    folder = Path(settings.MEDIA_ROOT)
    with tarfile.open(archive, "w") as tar:
        for path in files_in(folder):
            try:
                tar.add(path, path.relative_to(folder).as_posix(), recursive=False)
            except FileNotFoundError:
                continue


def names_in(archive: Path) -> set[str]:
    """The files in an archive. Raises `BackupError`."""
    try:
        with tarfile.open(archive) as tar:
            return set(tar.getnames())
    except (OSError, tarfile.TarError) as error:
        raise BackupError(f"{archive.name} is damaged: {error}.") from None


def unpack(archive: Path) -> None:
    """Bring every file back. Raises `BackupError`."""
    folder = Path(settings.MEDIA_ROOT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise BackupError(f"{archive.name} cannot be unpacked: {error}.") from None


def remove_others(archive: Path) -> None:
    """Remove the files that are not in an archive: whose they were is not known any more."""
    folder, kept = Path(settings.MEDIA_ROOT), names_in(archive)
    for path in files_in(folder):
        if path.relative_to(folder).as_posix() not in kept:
            path.unlink(missing_ok=True)
