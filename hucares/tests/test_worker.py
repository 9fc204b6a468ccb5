"""The loop that does what recurs."""

from __future__ import annotations

import threading

import pytest
from django.dispatch import Signal

from hucares import worker
from hucares.tests.fresh_process import run_fresh
from hucares.tests.served_process import until
from hucares.worker import Job, Schedule

EMBEDDED = {"DEBUG": "1"}
THREADS = "import threading, hucares.asgi; print([one.name for one in threading.enumerate()])"


class Counted:
    """A job that counts how often it is done."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.answers = list(answers)
        self.count = 0

    def __call__(self) -> bool | None:
        self.count += 1
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def no_connections(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the moments at which old connections are closed, in place of doing it."""
    closed: list[int] = []
    monkeypatch.setattr(worker, "close_old_connections", lambda: closed.append(1))
    return closed


@pytest.fixture(autouse=True)
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the jobs that were told to be done."""
    names: list[str] = []
    signal = Signal()
    signal.connect(lambda job, **_: names.append(job.name), weak=False)
    monkeypatch.setattr(worker, "job_done", signal)
    return names


def test_each_job_is_done_at_once_and_then_at_its_own_pace() -> None:
    often, rarely = Counted(), Counted()
    schedule = Schedule([Job("often", 2, often), Job("rarely", 10, rarely)])

    for now in range(100, 120):
        assert schedule.run_due(now) is False

    assert (often.count, rarely.count) == (10, 2)


def test_a_job_with_more_to_do_is_done_again_at_once_and_the_others_between() -> None:
    busy, other = Counted(True, True), Counted()
    schedule = Schedule([Job("busy", 10, busy), Job("other", 0.5, other)])

    assert [schedule.run_due(now) for now in (100.0, 101.0, 102.0, 103.0)] == [True, True, False, False]
    assert (busy.count, other.count) == (3, 4)


def test_a_job_that_fails_is_logged_and_tried_again(
    caplog: pytest.LogCaptureFixture, no_connections: list[int]
) -> None:
    failing, other = Counted(ValueError("what it was")), Counted()
    schedule = Schedule([Job("failing", 3600, failing), Job("other", 3600, other)])

    for now in (100, 129, 130, 160):
        schedule.run_due(now)

    assert (failing.count, other.count) == (2, 1)
    assert "The job failing failed" in caplog.text
    assert "what it was" in caplog.text
    assert len(no_connections) == 2 * 3  # before and after each


def test_it_tells_of_each_job_that_was_done_and_of_none_that_failed(done: list[str]) -> None:
    busy, failing = Counted(True), Counted(ValueError(), None)
    schedule = Schedule([Job("busy", 60, busy), Job("failing", 60, failing)])

    for now, told in ((100, ["busy"]), (101, ["busy"] * 2), (130, ["busy", "busy", "failing"])):
        schedule.run_due(now)
        assert done == told


def test_whoever_hears_of_it_cannot_disturb_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: object) -> None:
        raise ValueError

    worker.job_done.connect(fails)
    job = Counted()
    schedule = Schedule([Job("job", 60, job)])

    schedule.run_due(100)
    schedule.run_due(130)
    schedule.run_due(160)
    assert job.count == 2


def test_told_to_end_it_begins_no_other_job() -> None:
    first, second = Counted(True), Counted()
    schedule = Schedule([Job("first", 1, first), Job("second", 1, second)])

    assert schedule.run_due(100, stopped=lambda: first.count > 0) is False
    assert (first.count, second.count) == (1, 0)


def test_the_loop_ends_when_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    job, end = Counted(), threading.Event()
    monkeypatch.setattr(worker, "JOBS", {"job": Job("job", 0, job)})
    thread = threading.Thread(target=worker.run, args=(end.is_set,))
    thread.start()
    until(lambda: job.count > 1)

    end.set()
    thread.join(1)

    assert not thread.is_alive()


def test_once_does_everything_there_is_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    busy, failing = Counted(True, True, True), Counted(ValueError())
    monkeypatch.setattr(worker, "JOBS", {"busy": Job("busy", 5, busy), "failing": Job("failing", 5, failing)})

    worker.run_once()

    assert (busy.count, failing.count) == (4, 1)


def test_two_jobs_cannot_have_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "JOBS", {})
    worker.register_job("job", seconds=1, run=Counted())
    with pytest.raises(ValueError, match="job"):
        worker.register_job("job", seconds=1, run=Counted())


@pytest.mark.parametrize(
    ("variables", "there"),
    [
        ({}, True),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, False),
        ({"DATABASE_URL": "postgres://127.0.0.1:1/nothing"}, False),
    ],
)
def test_only_the_embedded_server_works_in_a_thread(tmp_path: object, variables: dict[str, str], there: bool) -> None:
    database = {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    process = run_fresh("-c", THREADS, **EMBEDDED, **{**database, **variables})

    assert process.returncode == 0, process.stderr
    assert ("'worker'" in process.stdout) is there


def test_a_management_command_starts_no_thread(tmp_path: object) -> None:
    code = (
        "import threading, django; django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('migrate', verbosity=0); call_command('check')\n"
        "print([one.name for one in threading.enumerate()])"
    )
    process = run_fresh("-c", code, **EMBEDDED, DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3")

    assert process.returncode == 0, process.stderr
    assert "MainThread" in process.stdout
    assert "'worker'" not in process.stdout
