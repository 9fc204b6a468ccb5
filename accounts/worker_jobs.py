"""When a worker last did each of its jobs: so that one that is away is noticed, and a job that always fails."""

from __future__ import annotations

import math
import time
from datetime import datetime
from typing import Any

from django.db import models
from django.dispatch import receiver
from django.utils import timezone

from hucares.worker import JOBS, Job, job_done

NOTED_SECONDS = 60.0  # how often a job that is done all the time is noted
STARTED = timezone.now()  # a job that nobody has ever done is missed from here on
LATE_SECONDS = 900.0  # overdue for longer: a worker that was started anew would have done it by now
_noted: dict[str, float] = {}


class WorkerJob(models.Model):
    """A job that recurs, and when some worker last did it, or a piece of it."""

    name = models.CharField(max_length=100, primary_key=True)
    done_at = models.DateTimeField()

    class Meta:
        db_table = "worker_jobs"
        verbose_name = "job of the worker"
        verbose_name_plural = "jobs of the worker"

    def __str__(self) -> str:
        return self.name


@receiver(job_done, dispatch_uid="accounts.worker_jobs")
def note(job: Job, **kwargs: Any) -> None:
    """Note that a job was done, at most once a minute from each process; one statement."""
    now = time.monotonic()
    if now - _noted.get(job.name, -math.inf) < NOTED_SECONDS:
        return
    row = WorkerJob(name=job.name, done_at=timezone.now())
    WorkerJob.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=["done_at"])
    _noted[job.name] = now


def overdue(name: str, done_at: datetime | None) -> float:
    """For how many seconds a job should have been done again; 0 if it is not due yet, or there is none of this name."""
    if name not in JOBS:
        return 0.0
    passed = (timezone.now() - (done_at or STARTED)).total_seconds()
    return max(0.0, passed - max(JOBS[name].seconds, NOTED_SECONDS))


def all_overdue() -> list[float]:
    """The same of each job that there is; one statement."""
    done = dict(WorkerJob.objects.values_list("name", "done_at"))
    return [overdue(name, done.get(name)) for name in JOBS]


def longest_overdue() -> float:
    """For how many seconds the job that is overdue longest has been."""
    return max(all_overdue(), default=0.0)
