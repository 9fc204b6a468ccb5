"""Rows that have had their time, removed a batch at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connections, transaction
from django.db.models import QuerySet
from django.utils import timezone

from hucares import pruning, worker
from hucares.pruning import PRUNINGS, Pruning, days, register_pruning
from hucares.tests.racing import at_once


def expired() -> QuerySet[Session]:
    """The rows of these tests."""
    return Session.objects.filter(expire_date__lt=timezone.now())


SESSIONS = Pruning("sessions", "until they expire", expired)


def make_sessions(count: int, expires_in: int) -> None:
    """Sessions of the admin; `expires_in` is in days."""
    end = timezone.now() + timedelta(days=expires_in)
    first = Session.objects.count()
    Session.objects.bulk_create(Session(session_key=f"key-{first + n}", expire_date=end) for n in range(count))


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows a batch."""
    monkeypatch.setattr(pruning, "BATCH", 2)


def test_it_removes_a_batch_at_a_time_and_nothing_else(db: None, small_batches: None) -> None:
    make_sessions(5, expires_in=-1)
    make_sessions(3, expires_in=1)
    assert SESSIONS.count() == 5

    assert [SESSIONS.remove_batch() for _ in range(4)] == [2, 2, 1, 0]

    assert (SESSIONS.count(), Session.objects.count()) == (0, 3)


def test_the_worker_is_told_whether_there_is_more(db: None, small_batches: None) -> None:
    make_sessions(3, expires_in=-1)

    assert [SESSIONS.run() for _ in range(2)] == [True, False]


@pytest.mark.django_db(transaction=True)
def test_several_at_once_remove_each_row_once(small_batches: None) -> None:
    make_sessions(40, expires_in=-1)
    make_sessions(1, expires_in=1)

    def remove_all(number: int) -> int:
        removed = 0
        while Session.objects.filter(expire_date__lt=timezone.now()).exists():
            removed += SESSIONS.remove_batch()
        return removed

    assert sum(at_once(4, remove_all)) == 40
    assert Session.objects.count() == 1


@pytest.mark.needs_servers
@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_is_passed_by_and_stays_if_it_is_of_use_again() -> None:
    make_sessions(3, expires_in=-1)
    held = threading.Event()
    done = threading.Event()

    def use_again() -> None:
        try:
            with transaction.atomic():
                row = Session.objects.select_for_update().get(pk="key-1")
                held.set()
                assert done.wait(10)
                row.expire_date = timezone.now() + timedelta(days=1)
                row.save()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        other = threads.submit(use_again)
        assert held.wait(10)
        assert SESSIONS.remove_batch() == 2  # without waiting
        done.set()
        other.result(10)
    assert SESSIONS.remove_batch() == 0
    assert Session.objects.get().pk == "key-1"


def test_each_kind_of_rows_is_a_job_of_the_worker() -> None:
    assert {
        "mails",
        "failed sign-ins",
        "sign-in sessions",
        "admin sessions",
        "notifications",
        "push subscriptions",
        "reminders",
        "group events",
        "sockets",
    } == set(PRUNINGS)
    for name, one in PRUNINGS.items():
        job = worker.JOBS[f"prune {name}"]
        assert (job.run, job.seconds) == (one.run, 3600)


def test_two_kinds_cannot_have_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "PRUNINGS", {})
    monkeypatch.setattr(worker, "JOBS", {})
    register_pruning("sessions", kept="until they expire", rows=expired)
    with pytest.raises(ValueError, match="sessions"):
        register_pruning("sessions", kept="for ever", rows=expired)


def test_days_are_counted_in_words() -> None:
    assert (days(1), days(30)) == ("1 day", "30 days")
