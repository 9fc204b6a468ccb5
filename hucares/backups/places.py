"""Where copies of backups are kept: a folder, such as a mounted disk, or a bucket of an S3 service.

In both, a backup is what has its manifest: that is put last, and goes first.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from hucares.backups.archive import COMPLETE, Backup, backups_in, copy, rotate, surplus_in, unfinished
from hucares.backups.errors import BackupError
from hucares.backups.manifest import NAME, Manifest, damage
from hucares.env import s3_options

CONNECT_SECONDS = 10
ATTEMPTS = 3


class Place(Protocol):
    """Keeps copies. Every method raises `BackupError` if the place cannot be reached."""

    def copy(self, backup: Backup) -> str:
        """Put a copy there, and see that it is whole; where it is."""

    def names(self) -> list[str]:
        """The backups there, the oldest first."""

    def surplus(self, keep: int) -> list[str]:
        """All but the newest so many."""

    def rotate(self, keep: int) -> list[str]:
        """Remove them; those that went."""

    def fetch(self, name: str, to: Path) -> Path:
        """Bring one back, below a folder, and see that it is good."""


def place_of(address: str) -> Place:
    """The place of an address: a folder's path, or `s3://…` as in `MEDIA_STORAGE`. Raises `SettingError`."""
    return Bucket(s3_options("BACKUP_COPY_TO", address)) if address.startswith("s3://") else Folder(Path(address))


class Folder:
    """A folder that is there already: an empty mount point is not to be filled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def copy(self, backup: Backup) -> str:
        """See `Place`."""
        return str(copy(backup, self.path))

    def names(self) -> list[str]:
        """See `Place`."""
        return [folder.name for folder in backups_in(self.path)]

    def surplus(self, keep: int) -> list[str]:
        """See `Place`."""
        return [str(folder) for folder in surplus_in(self.path, keep)]

    def rotate(self, keep: int) -> list[str]:
        """See `Place`."""
        return [str(folder) for folder in rotate(self.path, keep)]

    def fetch(self, name: str, to: Path) -> Path:
        """See `Place`."""
        with brought(name, to) as folder:
            for path in (self.path / name).iterdir():
                shutil.copyfile(path, folder / path.name)
        return to / name


class Bucket:
    """A bucket, or what is below a prefix in it. It needs the packages of requirements-extra.txt."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.bucket, self.prefix = options["bucket_name"], options["location"]
        self.client = client_for(options)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def key(self, *names: str) -> str:
        """The name of an object."""
        return "/".join(filter(None, (self.prefix, *names)))

    def copy(self, backup: Backup) -> str:
        """See `Place`."""
        name = backup.folder.name
        with self.reached():
            for path in sorted(backup.folder.iterdir(), key=lambda path: path.name == NAME):
                key = self.key(name, path.name)
                self.client.upload_file(str(path), self.bucket, key)
                size = self.client.head_object(Bucket=self.bucket, Key=key)["ContentLength"]
                if size != path.stat().st_size:
                    raise BackupError(f"The copy of {path.name} in {self} is not whole: it has {size} bytes.")
        return f"{self}/{name}"

    def keys(self, *names: str) -> Iterator[str]:
        """The names of all objects below these folders, as seen from the place."""
        beginning = f"{self.key(*names)}/".lstrip("/")
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=beginning):
            for entry in page.get("Contents", ()):
                yield str(entry["Key"]).removeprefix(f"{self.prefix}/")

    def names(self) -> list[str]:
        """The backups there, the oldest first."""
        with self.reached():
            places = [key.partition("/") for key in self.keys()]
        return sorted(name for name, _, file in places if file == NAME and COMPLETE.fullmatch(name))

    def surplus(self, keep: int) -> list[str]:
        """See `Place`."""
        names = self.names()
        return [f"{self}/{name}" for name in names[: max(0, len(names) - keep)]]

    def rotate(self, keep: int) -> list[str]:
        """See `Place`."""
        surplus = self.surplus(keep)
        for address in surplus:
            self.remove(address.rpartition("/")[2])
        return surplus

    def remove(self, name: str) -> None:
        """Remove a backup."""
        with self.reached():
            for key in sorted(self.keys(name), key=lambda key: not key.endswith(f"/{NAME}")):
                self.client.delete_object(Bucket=self.bucket, Key=self.key(key))

    def fetch(self, name: str, to: Path) -> Path:
        """See `Place`."""
        with self.reached(), brought(name, to) as folder:
            self.client.download_file(self.bucket, self.key(name, NAME), str(folder / NAME))
            for file in Manifest.read(folder).parts:
                self.client.download_file(self.bucket, self.key(name, file), str(folder / file))
        return to / name

    @contextlib.contextmanager
    def reached(self) -> Iterator[None]:
        """What the service says instead of doing it is a `BackupError`."""
        from boto3.exceptions import S3UploadFailedError
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError, S3UploadFailedError) as error:
            raise BackupError(f"{self} cannot be used: {error}") from None


def client_for(options: dict[str, Any]) -> Any:
    """What speaks to the service. Raises `BackupError` without the packages for it."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise BackupError("A bucket needs the packages of requirements-extra.txt.") from None
    return boto3.client(
        "s3",
        endpoint_url=options["endpoint_url"],
        region_name=options["region_name"],
        aws_access_key_id=options["access_key"],
        aws_secret_access_key=options["secret_key"],
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            retries={"total_max_attempts": ATTEMPTS},
            s3={"addressing_style": "path"} if options["endpoint_url"] else None,
            # Not every service knows the newer kinds of checksums; sizes and the manifest's SHA-256 are compared.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def chosen(name: str, names: list[str], place: str) -> str:
    """The backup of this name, or the newest. Raises `BackupError` if there is none."""
    if name and name not in names:
        raise BackupError(f"There is no backup {name} in {place}.")
    if not names:
        raise BackupError(f"There is no backup in {place}.")
    return name or names[-1]


@contextlib.contextmanager
def brought(name: str, to: Path) -> Iterator[Path]:
    """A folder for what is brought, which gets its name if it is good. Raises `BackupError`."""
    if (to / name).exists():
        raise BackupError(f"{to / name} is there already.")
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    with unfinished(to / name) as folder:
        yield folder
        if sentences := damage(folder, Manifest.read(folder)):
            raise BackupError(f"What was brought is not good: {' '.join(sentences)}")
