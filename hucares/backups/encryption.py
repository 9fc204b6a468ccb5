"""Encrypting the parts of a backup for somebody, with age (https://age-encryption.org) or GnuPG."""

from __future__ import annotations

from pathlib import Path

from hucares.backups.errors import BackupError
from hucares.backups.programs import found, run

AGE = "age"
GPG = "gpg"
FOR_AGE = ("age1", "ssh-")  # how recipients begin whom age knows


def program_for(recipient: str) -> str:
    """Which program encrypts for a recipient."""
    return AGE if recipient.startswith(FOR_AGE) else GPG


def encrypt(path: Path, recipient: str) -> Path:
    """Put an encrypted file into the place of a plain one; its path. Raises `BackupError`."""
    program = program_for(recipient)
    sealed = path.with_name(f"{path.name}.{program}")
    how: dict[str, list[str | Path]] = {
        AGE: ["--encrypt", "--recipient", recipient, "--output", sealed, path],
        GPG: ["--batch", "--trust-model", "always", "--recipient", recipient, "--output", sealed, "--encrypt", path],
    }
    run([found(program), *how[program]])
    path.unlink()
    return sealed


def decrypt(sealed: Path, plain: Path, program: str, identity: Path | None) -> None:
    """Write what is in an encrypted file; age needs the file of an identity for that. Raises `BackupError`."""
    if program == AGE and identity is None:
        raise BackupError("The backup is encrypted with age: name the file with the identity, --identity FILE.")
    how: dict[str, list[str | Path]] = {
        AGE: ["--decrypt", "--identity", identity or "", "--output", plain, sealed],
        GPG: ["--batch", "--output", plain, "--decrypt", sealed],
    }
    if program not in how:
        raise BackupError(f"The backup is encrypted with {program}, which nobody here knows.")
    run([found(program), *how[program]])
