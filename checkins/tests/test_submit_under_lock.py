"""What a submit or a change sees that had to wait for somebody who was changing the group or the person."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction

from accounts.models import User
from checkins.models import CheckIn
from checkins.services import change_check_in
from checkins.tests.builders import make_check_in
from groups.models import Frequency, Group, Membership, Status
from hucares.errors import NotFound
from realtime.log import read
from realtime.telling import tell

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_servers]
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def submit_behind(change: Callable[[], object], user: User, group: Group) -> Future[Any]:
    """A submit that has begun, and waits for the group's lock, before `change` is made and committed."""
    return behind(change, lambda: make_check_in(user, group), group)


def behind(change: Callable[[], object], call: Callable[[], object], group: Group) -> Future[Any]:
    """A call that has begun, and waits for the group's lock, before `change` is made and committed."""
    started = threading.Event()

    def submit() -> object:
        started.set()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Group.objects.select_for_update(no_key=True).get(pk=group.pk)
            submitted = threads.submit(submit)
            assert started.wait(10)
            while not is_waited_for() and not submitted.done():
                pass
            assert not submitted.done(), "it should have waited for the lock"
            change()
        submitted.exception(10)
    return submitted


def is_waited_for() -> bool:
    """Whether another connection to the test's database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees what it saw first
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


def test_it_takes_the_period_that_holds_now(alice: User, porch: Group) -> None:
    check_in = submit_behind(
        lambda: Group.objects.filter(pk=porch.pk).update(check_in_frequency=Frequency.DAILY), alice, porch
    ).result()
    assert check_in.week_start_date == check_in.period_end


def test_it_is_refused_when_the_person_is_out_meanwhile(alice: User, porch: Group) -> None:
    leaving = Membership.objects.filter(user=alice, group=porch)
    refused = submit_behind(lambda: leaving.update(status=Status.INACTIVE), alice, porch)
    assert isinstance(refused.exception(), NotFound)
    assert not CheckIn.objects.exists()


def test_so_is_a_change(alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    leaving = Membership.objects.filter(user=alice, group=porch)
    refused = behind(
        lambda: leaving.update(status=Status.INACTIVE),
        lambda: change_check_in(user=alice, check_in_id=check_in.pk, productive_score=1),
        porch,
    )
    assert isinstance(refused.exception(), NotFound)
    assert CheckIn.objects.get().productive_score == 8


def test_it_shows_no_number_when_scores_became_private_meanwhile(
    alice: User, bob: User, porch: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("realtime.publish.publish", lambda messages: told.extend(m["text"] for _, m in messages))
    private = User.objects.filter(pk=alice.pk)
    submit_behind(lambda: private.update(privacy_settings={"scores": "private"}), alice, porch).result()

    assert any('"huCaresScore":null' in text for text in told)
    assert not any('"huCaresScore":12' in text for text in told)
    assert '"huCaresScore":null' in tell(read(porch.pk, 0, 1))[0].text_for(bob.pk)
