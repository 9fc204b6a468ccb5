"""`hucares.serve` in a process of its own, as operators run it, around a tiny application."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
RUNNER = "hucares.serve"
COMMAND = "import importlib, sys; sys.exit(importlib.import_module(sys.argv[1]).run(sys.argv[2]))"
TINY = "hucares.tests.tiny_app:application"
WAIT_SECONDS = 20.0


class Drained:
    """Everything that comes out of a pipe, read all the time: a process whose pipe is full stands still."""

    def __init__(self, pipe: IO[str]) -> None:
        self._text = ""
        self._thread = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self._thread.start()

    def _read(self, pipe: IO[str]) -> None:
        with pipe:
            self._text = pipe.read()

    def text(self) -> str:
        """All of it, once whoever writes into it has ended."""
        self._thread.join(WAIT_SECONDS)
        assert not self._thread.is_alive(), "some process still writes"
        return self._text


class Server:
    """`hucares.serve` in a process of its own, on a free port, with the environment given.

    A `runner` is another module whose `run` serves an application.
    """

    def __init__(self, application: str = TINY, *, runner: str = RUNNER, **variables: str) -> None:
        self.port = free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "DEBUG": "1",
            "PORT": str(self.port),
            "DRAIN_SECONDS": "1",
            "WEB_CONCURRENCY": "1",
            "DJANGO_SETTINGS_MODULE": "hucares.settings",
            **variables,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, runner, application],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.output, self.errors = Drained(self.process.stdout), Drained(self.process.stderr)

    def ask(self, path: str = "/") -> list[str]:
        """State, process id and client address, as the tiny application tells them."""
        return self.get(path).split()

    def get(self, path: str, headers: dict[str, str] | None = None) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        try:
            connection.request("GET", path, headers=headers or {})
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def started(self) -> Server:
        """Itself, once it answers."""
        until(lambda: answers(self))
        return self

    def signal(self, sent: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(sent)

    def end(self) -> tuple[int, str]:
        """Exit code and stderr."""
        code = self.process.wait(WAIT_SECONDS)
        return code, self.errors.text()


def database_url() -> str:
    """The test's own database."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    login = f"{database['USER']}:{database['PASSWORD']}@" if database["USER"] else ""
    return f"postgres://{login}{database['HOST']}:{database['PORT'] or 5432}/{database['NAME']}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def answers(server: Server) -> bool:
    try:
        server.get("/")
        return True
    except (OSError, http.client.HTTPException):
        assert server.process.poll() is None, server.end()
        return False


def until(true: Callable[[], bool], patience: float = WAIT_SECONDS) -> None:
    """Waits for something to become true; fails after so many seconds."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


Serve = Callable[..., Server]


@contextlib.contextmanager
def servers() -> Iterator[Serve]:
    """Gives a maker of servers, and sees to it that none outlives the block."""
    made: list[Server] = []

    def make(*arguments: str, **variables: str) -> Server:
        made.append(Server(*arguments, **variables))
        return made[-1]

    yield make
    for server in made:
        if server.process.poll() is None:
            os.killpg(server.process.pid, signal.SIGKILL)
            server.end()
