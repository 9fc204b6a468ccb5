"""The manifest: what a backup holds, so that it can be checked years later and elsewhere."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from hucares.backups.errors import BackupError

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Table:
    """How many rows a table has, and a number that is another one if any of them is different."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a backup: its size in bytes, and its SHA-256."""

    bytes: int
    sha256: str


Tables = dict[str, Table]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup. `made_at` is the moment that it shows; `encrypted_with` names a program, or nothing."""

    made_at: datetime
    engine: str
    server: str
    tables: Tables
    parts: dict[str, Part] = field(default_factory=dict)
    encrypted_with: str = ""

    def write(self, folder: Path) -> None:
        """Put the manifest into its folder."""
        document = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        (folder / NAME).write_text(json.dumps(document, indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a backup. Raises `BackupError`."""
        try:
            document: dict[str, Any] = json.loads((folder / NAME).read_text())
            if document.pop("format") != FORMAT:
                raise BackupError(f"{folder} was made by another version of HuCares, which must restore it.")
            document["made_at"] = datetime.fromisoformat(document["made_at"])
            document["tables"] = {name: Table(**table) for name, table in document["tables"].items()}
            document["parts"] = {name: Part(**part) for name, part in document["parts"].items()}
            if any(Path(name).name != name for name in document["parts"]):
                raise ValueError("a part lies elsewhere")
            return cls(**document)
        except FileNotFoundError:
            raise BackupError(f"{folder} is no backup: there is no {NAME} in it.") from None
        except (OSError, ValueError, TypeError, LookupError, AttributeError):
            raise BackupError(f"{folder / NAME} cannot be read.") from None


def part_of(path: Path) -> Part:
    """Size and checksum of a file. Raises `OSError`."""
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return Part(path.stat().st_size, digest)


def damage(folder: Path, manifest: Manifest) -> list[str]:
    """A sentence for each file of a backup that is not what it was."""
    sentences = []
    for name, part in manifest.parts.items():
        try:
            found = part_of(folder / name)
        except OSError as error:
            sentences.append(f"{name} cannot be read: {error.strerror}.")
        else:
            if found != part:
                sentences.append(f"{name} is damaged: it has {found.bytes} bytes and another checksum.")
    return sentences


def differences(expected: Tables, found: Tables) -> list[str]:
    """A sentence for each table that does not hold what it should."""
    sentences = []
    for name in sorted(expected.keys() | found.keys()):
        before, after = expected.get(name), found.get(name)
        if before is None or after is None:
            sentences.append(f"The table {name} is {'missing' if after is None else 'there, and should not be'}.")
        elif before.rows != after.rows:
            sentences.append(f"The table {name} has {after.rows} rows instead of {before.rows}.")
        elif before != after:
            sentences.append(f"The table {name} has other rows than it should.")
    return sentences
