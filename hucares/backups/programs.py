"""Other people's programs that a backup needs: PostgreSQL's, and those that encrypt."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hucares.backups.errors import BackupError

DEBIAN = "/usr/lib/postgresql/{major}/bin"  # where several versions live side by side


def run(command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None, **options: Any) -> None:
    """Run a program to its end. Raises `BackupError` with what it complained of."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            env={**os.environ, **(environment or {})},
            stderr=subprocess.PIPE,
            check=False,
            **options,
        )
    except OSError as error:
        raise BackupError(f"{Path(command[0]).name} cannot be run: {error.strerror}.") from None
    if done.returncode:
        raise BackupError(complaint(command[0], done.returncode, done.stderr))


def complaint(program: str | Path, code: int, stderr: bytes) -> str:
    """What a program that failed has said, in one sentence."""
    said = "; ".join(line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip())
    return f"{Path(program).name} failed with code {code}: {said[:500] or 'it did not say why'}."


def found(name: str, path: str | None = None) -> str:
    """Where a program is. Raises `BackupError`."""
    place = shutil.which(name, path=path)
    if place is None:
        raise BackupError(f"{name} is not installed.")
    return place


def postgres_program(name: str, major: int) -> str:
    """Where a program of PostgreSQL's is that belongs to a server's version. Raises `BackupError`.

    An older one refuses a newer server, and a newer one writes what an older server does not know.
    """
    path = os.pathsep.join([DEBIAN.format(major=major), os.environ.get("PATH", "")])
    place = found(name, path)
    answer = subprocess.run([place, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"\) (\d+)", answer)
    if version is None or int(version[1]) != major:
        raise BackupError(
            f"{place} is of PostgreSQL {version[1] if version else '?'}, but the server is of {major}: install that "
            f"version's client programs (postgresql-client-{major})."
        )
    return place
