"""Work that recurs: apps register their jobs in `ready()`, and one loop does each when it is due.

The loop runs in `manage.py run_worker`, or on the embedded default in a thread of the server. Several workers may
run at once, so a job must bear being done twice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import close_old_connections
from django.dispatch import Signal

from hucares import lifecycle

POLL_SECONDS = 0.2  # how soon the loop notices that it is to end
RETRY_SECONDS = 30.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so many seconds.

    A job with much to do does a small piece and returns True: it is called again at once, unless the worker ends.
    """

    name: str
    seconds: float
    run: Callable[[], bool | None]


JOBS: dict[str, Job] = {}

# A job was done, or a piece of it. Argument: `job`.
job_done = Signal()


def register_job(name: str, *, seconds: float, run: Callable[[], bool | None]) -> None:
    """Have `run` called every so many seconds, first when a worker starts. For `AppConfig.ready()`."""
    if name in JOBS:
        raise ValueError(f"there is a job named {name} already")
    JOBS[name] = Job(name, seconds, run)


class Schedule:
    """When each job is due, in seconds of any clock that only goes forward."""

    def __init__(self, jobs: Iterable[Job] | None = None) -> None:
        self.jobs = list(JOBS.values() if jobs is None else jobs)
        self._due: dict[str, float] = {}

    def run_due(self, now: float, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Do each job that is due, once. Returns whether one of them has more to do.

        A job that fails does not keep the others from their turn, and is tried again after half a minute.
        """
        more = False
        for job in self.jobs:
            if stopped():
                return False
            if self._due.get(job.name, now) <= now:
                pause = done(job)
                self._due[job.name] = now + pause
                more = more or not pause
        return more


def done(job: Job) -> float:
    """Do a job; the seconds until it is due again."""
    close_old_connections()
    try:
        pause = 0.0 if job.run() else job.seconds
        job_done.send_robust(sender=Job, job=job)
        return pause
    except Exception:
        logger.exception("The job %s failed and will be tried again.", job.name)
        return RETRY_SECONDS
    finally:
        close_old_connections()


def run(stopped: Callable[[], bool], jobs: Iterable[Job] | None = None) -> None:
    """Do what is due, of these jobs or of all, until `stopped()`; a job that is under way is finished first."""
    schedule = Schedule(jobs)
    while not stopped():
        if not schedule.run_due(time.monotonic(), stopped):
            time.sleep(POLL_SECONDS)


def run_once() -> None:
    """Do every job once, as long as it has more to do."""
    schedule = Schedule()
    now = time.monotonic()
    while schedule.run_due(now):
        pass


def start_thread() -> threading.Thread:
    """Run the loop beside the server, until the server begins to end."""
    thread = threading.Thread(target=run, args=(lifecycle.is_draining,), name="worker", daemon=True)
    thread.start()
    return thread
