"""python -m hucares.make_secrets FOLDER: the secrets of an installation, each in a file named after its variable.

Docker Compose runs it before anything else. What is there already stays, so that it may run at each start; a
`POSTGRES_PASSWORD` of the environment takes the place of the one that is there. It needs no settings.
"""

from __future__ import annotations

import argparse
import os
import secrets
from pathlib import Path

OURS = ("SECRET_KEY", "JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET", "PIN_PEPPER")
PASSWORD = "POSTGRES_PASSWORD"  # noqa: S105  # the name of a variable
RANDOM_BYTES = 48
DATABASE_URL = "postgres://hucares:{password}@{host}:5432/hucares"


def main() -> None:
    """Make what is missing."""
    parser = argparse.ArgumentParser(description="Make the secrets that are missing.")
    parser.add_argument("folder", type=Path, help="where they are kept")
    parser.add_argument("--database-host", default="postgres", help="the host of PostgreSQL (postgres)")
    options = parser.parse_args()
    make_secrets(options.folder, options.database_host, os.environ.get(PASSWORD, ""))


def make_secrets(folder: Path, database_host: str, password: str = "") -> None:
    """Make what is missing; the password is as given, if one is given. Raises `OSError`."""
    for name in OURS:
        keep(folder / name, secrets.token_urlsafe(RANDOM_BYTES))
    # PostgreSQL reads it as another user. Nobody else has this folder before them.
    keep(folder / PASSWORD, password or secrets.token_urlsafe(RANDOM_BYTES), mode=0o444, again=bool(password))
    url = DATABASE_URL.format(password=(folder / PASSWORD).read_text(), host=database_host)
    keep(folder / "DATABASE_URL", url, again=True)


def keep(file: Path, value: str, *, mode: int = 0o400, again: bool = False) -> None:
    """Write a file that is not there yet, or `again`; whole, or not at all."""
    if file.exists() and not again:
        return
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
        out.write(value)
    draft.chmod(mode)  # whatever the mask
    draft.replace(file)


if __name__ == "__main__":
    main()
