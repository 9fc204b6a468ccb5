"""The production server: `python -m hucares.serve`.

Exit codes: 0 after SIGTERM or SIGINT; 1 if it cannot listen, or requests had to be abandoned at the end;
2 if a setting is wrong; 3 if the application cannot be loaded.
"""

from __future__ import annotations

import gc
import logging
import logging.config
import os
import signal
import socket
import sys
import threading
import time
from types import FrameType

import uvicorn
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import multiprocess

from hucares import lifecycle, metrics_folder

APPLICATION = "hucares.asgi:application"
BACKLOG = 2048
GRACE_SECONDS = 6  # for open requests and sockets to end, after the drain
STOP_SECONDS = 7.0  # after the drain, the process is gone
KEEP_ALIVE_SECONDS = 75  # longer than proxies keep idle connections (60), so that the proxy closes first

logger = logging.getLogger("uvicorn.error")


class DrainingServer(uvicorn.Server):
    """Ends in two steps. At the first signal readiness turns and everything else goes on; after
    `drain_seconds`, when no proxy sends anything new, it shuts down within `STOP_SECONDS`.

    A second signal cuts that short, unless the server is `supervised`: service managers and terminals send
    signals to supervisor and workers alike, so a worker would count one wish twice.
    """

    def __init__(self, config: uvicorn.Config, *, drain_seconds: float, supervised: bool = False) -> None:
        super().__init__(config)
        self.drain_seconds = drain_seconds
        self.supervised = supervised
        self._parent = os.getppid()
        self._drain_ends: float | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves until a signal. Exits with `STARTUP_FAILURE` if the application cannot be loaded."""
        try:
            self.config.load()
        except Exception:
            logger.exception("The application could not be loaded.")
            sys.exit(STARTUP_FAILURE)  # tells the supervisor that trying again is of no use
        gc.freeze()  # what is loaded stays: going through it again and again would hold up every socket
        super().run(sockets)
        if self._is_orphan():
            metrics_folder.remove_folder()  # nobody else will
        gc.freeze()  # nor is it looked through at the end, for most of a second

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The signal handler. Only sets flags: it may interrupt a thread that holds a lock."""
        if not lifecycle.is_draining():
            lifecycle.begin_drain()
        elif not self.supervised:
            self.should_exit = self.force_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: moves from draining to shutting down."""
        if self._is_orphan():
            lifecycle.begin_drain()
        if lifecycle.is_draining() and self._drain_ends is None:
            logger.info("Draining for %g s", self.drain_seconds)
            self._drain_ends = time.monotonic() + self.drain_seconds
            self._watch_the_end()
        if self._drain_ends is not None and time.monotonic() >= self._drain_ends:
            self.should_exit = True
        return await super().on_tick(counter)

    def _is_orphan(self) -> bool:
        # Whether the supervisor was killed.
        return self.supervised and os.getppid() != self._parent

    def _watch_the_end(self) -> None:
        # A thread that is stuck in a request would keep the interpreter from exiting.
        timer = threading.Timer(self.drain_seconds + STOP_SECONDS, _abandon)
        timer.daemon = True
        timer.start()


def _abandon() -> None:
    logger.error("Requests did not end in time and are abandoned.")
    os._exit(1)


class Worker(multiprocess.Process):
    """One of several processes that serve the same listener."""

    @property
    def server(self) -> uvicorn.Server:
        """The worker's server, made in the worker."""
        if self._server is None:
            self._server = DrainingServer(self.config, drain_seconds=settings.DRAIN_SECONDS, supervised=True)
        return self._server

    def join(self) -> None:
        """Waits for the worker to end; from then on its sockets are not counted."""
        super().join()
        if self.pid is not None:
            metrics_folder.forget_process(self.pid)


class Supervisor(multiprocess.Multiprocess):
    """Starts the workers, replaces those that die, and ends them all together.

    SIGTERM and SIGINT end it, a second one by force; SIGHUP replaces the workers one by one.
    """

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        multiprocess.Process = Worker  # type: ignore[misc]  # uvicorn has no other way to say which
        super().__init__(config, sockets)

    @property
    def startup_failed(self) -> bool:
        """Whether it ended because workers could not load the application."""
        return any(process.exitcode == STARTUP_FAILURE for process in self.processes)

    def terminate_all(self) -> None:
        """Tells the workers to end. From now on only they hold the listener, so it closes with the last."""
        super().terminate_all()
        for listener in self.sockets:
            listener.close()

    def join_all(self) -> None:
        """Waits for the workers; kills them at a second signal, or when they are overdue."""
        overdue = time.monotonic() + settings.DRAIN_SECONDS + STOP_SECONDS + 1
        while any(process.process.is_alive() for process in self.processes):
            if {signal.SIGINT, signal.SIGTERM} & set(self.signal_queue) or time.monotonic() > overdue:
                for process in self.processes:
                    process.process.kill()
            time.sleep(0.05)


def run(application: str = APPLICATION) -> int:
    """Serves the ASGI application named `module:attribute` as the settings say. Returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hucares.settings")
    os.environ.pop(metrics_folder.VARIABLE, None)  # what others have counted is none of our figures
    try:
        logging.config.dictConfig(settings.LOGGING)
        config = server_config(application)
    except ImproperlyConfigured as error:
        return _refuse(str(error), 2)
    try:
        listener = listen(config.host, config.port)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]
        return _refuse(f"cannot listen on {config.host} port {config.port}: {reason}.", 1)
    logger.info("Listening on %s port %d", config.host, config.port)
    if config.workers > 1:
        return supervise(config, listener)
    DrainingServer(config, drain_seconds=settings.DRAIN_SECONDS).run([listener])
    return 0


def supervise(config: uvicorn.Config, listener: socket.socket) -> int:
    """Serves with several workers. Returns the exit code."""
    supervisor = Supervisor(config, [listener])  # first: from now on a signal lets everything end in order
    try:
        if settings.METRICS_TOKEN:
            metrics_folder.make_folder()
    except OSError as error:
        return _refuse(f"METRICS_TOKEN is set, but there is no place for the figures: {error.strerror}.", 1)
    try:
        supervisor.run()
    finally:
        metrics_folder.remove_folder()
    return STARTUP_FAILURE if supervisor.startup_failed else 0


def server_config(application: str) -> uvicorn.Config:
    """Uvicorn's configuration. Raises `ImproperlyConfigured` if a setting is wrong."""
    return uvicorn.Config(
        application,
        host=settings.HOST,
        port=settings.PORT,
        workers=settings.WEB_CONCURRENCY,  # given, or uvicorn reads the environment itself
        loop="auto",
        http="hucares.http.protocol:BoundedHttpProtocol",
        ws="hucares.http.socket_protocol:PromptSocketProtocol",
        ws_max_size=1024 * 1024,
        ws_per_message_deflate=False,
        lifespan="off",
        proxy_headers=False,  # the application counts proxies itself
        server_header=False,
        access_log=False,  # the application writes a line for each request, without tokens
        log_config=None,  # `run` has set it up, and Django does in each worker
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; on `::` for IPv4 too where the system can. Raises `OSError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=both)
    listener.set_inheritable(True)
    return listener


def _refuse(sentence: str, exit_code: int) -> int:
    print(f"hucares: {sentence}", file=sys.stderr)
    return exit_code


if __name__ == "__main__":
    sys.exit(run())
