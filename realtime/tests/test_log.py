"""The group event log."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from accounts.models import User
from checkins.services import submit_check_in
from checkins.tests.builders import ANSWERS, make_check_in
from groups.models import Group
from groups.tests.builders import make_group
from realtime import log
from realtime.models import GroupEvent, GroupLog
from realtime.telling import tell, told


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Run `work(0)` … `work(count - 1)` at the same time, each with a database connection of its own."""
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait()
        try:
            work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as threads:
        list(threads.map(run, range(count)))


def test_a_check_in_is_an_event_of_its_group_and_holds_no_score(alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    event = GroupEvent.objects.get()
    assert (event.group, event.seq, event.event, event.subject) == (porch, 1, "friend-checked-in", alice)
    assert event.data == {"checkInId": str(check_in.pk)}


def test_numbers_grow_by_one_in_each_group_of_its_own(alice: User, bob: User, porch: Group) -> None:
    garden = make_group(bob, alice)
    make_check_in(alice, porch)
    make_check_in(alice, garden)
    make_check_in(bob, porch)
    assert list(porch.events.order_by("seq").values_list("seq", flat=True)) == [1, 2]
    assert GroupLog.objects.get(group=porch).head == 2
    assert GroupLog.objects.get(group=garden).head == 1


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_check_in_leaves_no_event_and_no_gap(alice: User, bob: User, porch: Group) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        submit_check_in(user=alice, group_id=porch.pk, **ANSWERS)
        raise ZeroDivisionError
    assert not GroupEvent.objects.exists()
    make_check_in(bob, porch)
    assert GroupEvent.objects.get().seq == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_and_rollbacks_leave_no_gap(alice: User, porch: Group) -> None:
    dice = random.Random(3)
    fails = [[dice.random() < 0.1 for _ in range(25)] for _ in range(8)]

    def write(number: int) -> None:
        for fail in fails[number]:
            try:
                with transaction.atomic():
                    log.append(porch.pk, "friend-checked-in", subject=alice, checkInId=str(alice.pk))
                    if fail:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                pass

    in_threads(8, write)
    committed = 200 - sum(map(sum, fails))
    assert list(porch.events.order_by("pk").values_list("seq", flat=True)) == list(range(1, committed + 1))
    assert GroupLog.objects.get(group=porch).head == committed


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused(alice: User, porch: Group) -> None:
    assert not connection.in_atomic_block
    with pytest.raises(AssertionError):
        log.append(porch.pk, "friend-checked-in", subject=alice)
    assert not GroupEvent.objects.exists()


def test_reading_back_gives_the_frames_that_were_published(alice: User, bob: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    event = GroupEvent.objects.get()
    (read_back,) = tell(log.read(porch.pk, 0, 1))
    assert read_back == told(event, check_in)
    assert '"check-in-saved"' in read_back.text_for(alice.pk)
    assert '"friend-checked-in"' in read_back.text_for(bob.pk)


@pytest.mark.parametrize("length", [1, 6])
def test_telling_costs_one_query_however_many_events_there_are(
    django_assert_num_queries: Callable[[int], object], alice: User, porch: Group, length: int
) -> None:
    make_check_in(alice, porch)
    event = GroupEvent.objects.select_related("subject").get()
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert len(tell([event] * length)) == length
