"""The two servers that are measured, each as it runs in production."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.realtime.processes import cpu_seconds, memory_bytes, wait_until_quiet, with_children
from hucares.testing.places import free_port

ROOT = Path(__file__).resolve().parents[2]
PEER = ROOT / "benchmarks" / "peer"
READY_PATH = "/health/ready"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
LOG_TAIL = 2000  # characters


class ServerFailed(Exception):
    """A server did not start; the text has the end of what it said."""


class Server:
    """One running server: what its processes use."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port
        self.pids: list[int] = []

    def is_ready(self) -> bool:
        """Whether it takes requests."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", READY_PATH)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait_until_ready(self) -> None:
        """Wait for all of its processes. Raises `TimeoutError`."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.1)
        wait_until_quiet(self.process.pid, START_SECONDS)
        self.pids = with_children(self.process.pid)

    def cpu(self) -> float:
        """Seconds of CPU that all of its processes have used."""
        return cpu_seconds(self.pids)

    def memory(self) -> int:
        """Bytes that all of its processes hold."""
        return memory_bytes(self.pids)


def hucares(environment: dict[str, str], processes: int, log: Path) -> contextlib.AbstractContextManager[Server]:
    """Our own server."""
    return serve([sys.executable, "-m", "hucares.serve"], ROOT, environment, processes, log)


def peer(redis_url: str, secret: str, processes: int, log: Path) -> contextlib.AbstractContextManager[Server]:
    """Socket.io's."""
    environment = {
        "PATH": os.environ["PATH"],
        "NODE_ENV": "production",
        "REDIS_URL": redis_url,
        "JWT_SECRET": secret,
    }
    return serve(["node", "server.js"], PEER, environment, processes, log)


@contextlib.contextmanager
def serve(command: list[str], folder: Path, environment: dict[str, str], processes: int, log: Path) -> Iterator[Server]:
    """A server on a port of its own, with so many processes. Raises `ServerFailed`."""
    port = free_port()
    environment = {**environment, "HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": str(processes)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    server = Server(process, port)
    try:
        try:
            server.wait_until_ready()
        except TimeoutError:
            raise ServerFailed(f"{command} did not start: {log.read_text()[-LOG_TAIL:]}") from None
        yield server
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server, politely first."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
