"""Where a server for the tests can live: as whom it runs, in which folder, and from whose binaries."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import socket
import stat
import tempfile
from pathlib import Path
from typing import NamedTuple

UNPRIVILEGED_USERS = ("nobody", "daemon")
SHARED_FOLDERS = ("/var/cache", "/Library/Caches", "/var/tmp", "/tmp")


class Account(NamedTuple):
    """An unprivileged user to run as."""

    uid: int
    gid: int


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def package_folder(package: str) -> Path:
    """Where a package is installed, found without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"the package {package} is not installed")
    return Path(spec.submodule_search_locations[0]).resolve()


def unprivileged_account() -> Account | None:
    """Whom to run a server as: root must not run it itself, anybody else does."""
    if os.geteuid() != 0:
        return None
    import pwd  # not on Windows, where this module must still import

    for name in UNPRIVILEGED_USERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise LookupError(f"root cannot run it, and there is no user {' or '.join(UNPRIVILEGED_USERS)}")


def private_folder(name: str) -> Path:
    """A new folder, mode 0700, where the unprivileged user too can walk to it."""
    parent = Path(tempfile.gettempdir())
    if os.geteuid() == 0 and not reachable(parent / "x"):
        parent = Path("/tmp")
    return Path(tempfile.mkdtemp(prefix=f"hucares-test-{name.lower()}-", dir=parent))


def reachable(path: Path) -> bool:
    """Whether everybody may walk to the path."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def open_to_everyone(root: Path) -> bool:
    """Whether everybody may walk to the folder and read and run what its owner may."""
    modes = (path.stat().st_mode for path in (root, *root.rglob("*")))
    return reachable(root) and all(mode & (mode >> 6) & 0o005 == (mode >> 6) & 0o005 for mode in modes)


def shared_home() -> Path:
    """A folder of the system's in which nobody can replace what we put there, and everybody can read it."""
    for home in map(Path, SHARED_FOLDERS):
        if home.is_dir() and os.access(home, os.W_OK) and reachable(home / "x"):
            mode = home.stat().st_mode
            if mode & stat.S_ISVTX or not mode & 0o022:
                return home
    raise LookupError(f"no folder to share its binaries in, of {', '.join(SHARED_FOLDERS)}")


def shared_copy(roots: list[Path], label: str, home: Path) -> Path:
    """A copy of the folders that everybody can run, made once per label and kept for later runs."""
    copy = home / f"hucares-tests-{label}"
    if not os.path.lexists(copy):
        draft = Path(tempfile.mkdtemp(prefix="hucares-tests-draft-", dir=home))
        unneeded = shutil.ignore_patterns("*.py", "*.a", "include")
        try:
            for root in roots:
                shutil.copytree(root, draft / root.name, ignore=unneeded)
            for path in (draft, *draft.rglob("*")):
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
            # Whole or not at all; a rename that fails means that another run was quicker.
            with contextlib.suppress(OSError):
                draft.rename(copy)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    facts = copy.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
        raise PermissionError(f"{copy} is not a folder that only this user can write; remove it")
    return copy
