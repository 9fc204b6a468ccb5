"""Indexes that are added while others write."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.tests.builders import make_user
from hucares.tests.served_process import until

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE, INDEX = "0002_imported_records", "check_ins_by_time"


@pytest.fixture
def without_index(transactional_db: None) -> Iterator[None]:
    """The database as it was before the migration that adds it; afterwards it is as it should be."""
    call_command("migrate", "checkins", BEFORE, verbosity=0)
    yield
    call_command("migrate", "checkins", verbosity=0)


def has_index() -> bool:
    with connection.cursor() as cursor:
        return INDEX in connection.introspection.get_constraints(cursor, "check_ins")


def migrate() -> None:
    try:
        call_command("migrate", "checkins", verbosity=0)
    finally:
        connection.close()


WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'
"""


def waits_for_others() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


def test_it_is_added_and_taken_away(without_index: None) -> None:
    assert not has_index()
    call_command("migrate", "checkins", verbosity=0)
    assert has_index()


@pytest.mark.needs_servers
def test_whoever_writes_meanwhile_does_not_wait(without_index: None) -> None:
    """Another transaction has the table, so that the migration has to wait; those who come after it must not."""
    with ThreadPoolExecutor() as threads:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE check_ins IN ROW EXCLUSIVE MODE")  # as an insert takes it
            migrating = threads.submit(migrate)
            until(lambda: threads.submit(looked_at).result())
            threads.submit(write).result(timeout=20)
            assert not migrating.done()
        migrating.result(timeout=20)
    assert has_index()


def looked_at() -> bool:
    try:
        return waits_for_others()
    finally:
        connection.close()


def write() -> None:
    """What an insert needs, at once or not at all."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            cursor.execute("LOCK TABLE check_ins IN ROW EXCLUSIVE MODE")
        make_user("meanwhile")
    finally:
        connection.close()
