"""What a worker has done is noted, and what nobody does is told of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import worker_jobs
from accounts.models import User
from accounts.worker_jobs import LATE_SECONDS, WorkerJob, longest_overdue, note
from hucares.tests.commands import Start, processes_of
from hucares.tests.served_process import WAIT_SECONDS
from hucares.worker import JOBS, Job

NOON = datetime(2026, 3, 25, 12, tzinfo=UTC)
EACH_SECOND, EACH_HOUR = Job("each second", 1, lambda: None), Job("each hour", 3600, lambda: None)


@pytest.fixture
def jobs(db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, Job]:
    """Two jobs of which nothing was heard yet, at a server that has started at noon."""
    jobs = {job.name: job for job in (EACH_SECOND, EACH_HOUR)}
    monkeypatch.setattr(worker_jobs, "JOBS", jobs)
    monkeypatch.setattr(worker_jobs, "STARTED", NOON)
    monkeypatch.setattr(worker_jobs, "_noted", {})
    return jobs


def overdue_at(moment: datetime) -> float:
    with time_machine.travel(moment, tick=False):
        return longest_overdue()


def done(job: Job, moment: datetime) -> None:
    with time_machine.travel(moment, tick=False):
        note(job=job)


def test_what_was_done_in_time_is_not_overdue(jobs: dict[str, Job]) -> None:
    done(EACH_SECOND, NOON)
    done(EACH_HOUR, NOON)

    assert overdue_at(NOON + timedelta(seconds=59)) == 0


def test_of_several_jobs_the_one_that_is_overdue_longest_counts(jobs: dict[str, Job]) -> None:
    done(EACH_SECOND, NOON)
    done(EACH_HOUR, NOON)
    assert overdue_at(NOON + timedelta(seconds=100)) == 40  # it is noted once a minute
    assert overdue_at(NOON + timedelta(hours=2)) == 7200 - 60

    WorkerJob.objects.filter(name="each second").update(done_at=NOON + timedelta(hours=2))
    assert overdue_at(NOON + timedelta(hours=2)) == 3600


def test_a_job_that_nobody_has_ever_done_is_missed_from_the_servers_start_on(jobs: dict[str, Job]) -> None:
    assert overdue_at(NOON) == 0
    assert overdue_at(NOON + timedelta(seconds=70)) == 10


def test_a_job_that_there_is_no_more_is_not_missed(jobs: dict[str, Job]) -> None:
    done(EACH_SECOND, NOON)
    done(EACH_HOUR, NOON)
    WorkerJob.objects.create(name="of an earlier version", done_at=NOON - timedelta(days=300))

    assert overdue_at(NOON + timedelta(seconds=30)) == 0


def test_without_jobs_nothing_is_overdue(jobs: dict[str, Job]) -> None:
    jobs.clear()
    assert overdue_at(NOON + timedelta(days=1)) == 0


def test_it_is_noted_once_a_minute_by_one_statement(jobs: dict[str, Job]) -> None:
    with CaptureQueriesContext(connection) as asked:
        done(EACH_SECOND, NOON)
        done(EACH_SECOND, NOON + timedelta(seconds=5))
    assert len(asked) == 1
    assert WorkerJob.objects.get().done_at == NOON

    worker_jobs._noted["each second"] -= 60
    done(EACH_SECOND, NOON + timedelta(seconds=60))
    assert WorkerJob.objects.get().done_at == NOON + timedelta(seconds=60)


@pytest.fixture
def start(transactional_db: None) -> Iterator[Start]:
    """Starts workers, and sees to it that none outlives the test."""
    with processes_of("run_worker") as starter:
        yield starter


def test_a_worker_notes_each_of_its_jobs(start: Start) -> None:
    for _ in range(2):  # the second one finds the rows of the first
        before = timezone.now()
        process = start("--once", email_url="smtp://127.0.0.1:1")
        _, errors = process.communicate(timeout=WAIT_SECONDS)
        assert (process.returncode, errors) == (0, "")

    noted = dict(WorkerJob.objects.values_list("name", "done_at"))
    assert noted.keys() == JOBS.keys()
    assert min(noted.values()) > before


def test_staff_see_which_job_is_overdue(jobs: dict[str, Job]) -> None:
    staff = Client()
    staff.force_login(User.objects.create_superuser("staff@example.com", "Correct1horse"))
    moment = timezone.now()
    done(EACH_SECOND, moment - timedelta(seconds=60 + LATE_SECONDS + 1))
    done(EACH_HOUR, moment)

    numbers = {figure.name: number for figure, number in staff.get("/admin/").context["figures"]}
    page = staff.get("/admin/accounts/workerjob/").content.decode()

    assert numbers["overdue jobs"] == 1
    rows = [row.split("</tr>")[0] for row in page.split("<tr>") if "each " in row]
    assert [("each second" in row, 'alt="False"' in row) for row in rows] == [(True, True), (False, False)]
