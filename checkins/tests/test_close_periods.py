"""The worker's job when a period closes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import connections, transaction

from accounts.models import User
from checkins import closing
from checkins.closing import close_next_period
from checkins.recount import differences
from checkins.tests.builders import make_past_check_in
from groups.models import Group, MembershipSpan
from groups.services import update_group
from groups.tests.builders import make_group
from hucares import worker
from hucares.tests.racing import at_once

BEFORE = "2026-03-18T12:00:00Z"
CLOSES_AT = datetime(2026, 3, 23, tzinfo=UTC)
NEXT_CLOSES_AT = datetime(2026, 3, 30, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """A clock that stands still; `porch` and others are made on a Wednesday."""
    with time_machine.travel(BEFORE, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def garden(clock: object, alice: User, bob: User) -> Group:
    """A weekly group of two in which one has checked in."""
    group = make_group(alice, bob, name="The Garden")
    MembershipSpan.objects.update(joined_at="2026-03-16T12:00:00Z")
    make_past_check_in(alice, group, "2026-03-17")
    return group


def shown(group: Group) -> tuple[Decimal, datetime | None]:
    group.refresh_from_db()
    return group.average_participation_rate, group.period_closes_at


def test_the_job_is_registered() -> None:
    assert worker.JOBS["close periods"].run is close_next_period


def test_a_new_group_is_due_when_its_period_closes(clock: time_machine.Coordinates, garden: Group) -> None:
    assert shown(garden) == (0, CLOSES_AT)
    clock.move_to("2026-03-22T23:59:59Z")
    assert close_next_period() is False
    assert shown(garden) == (0, CLOSES_AT)

    clock.move_to(CLOSES_AT)
    assert close_next_period() is True
    assert shown(garden) == (Decimal("0.50"), NEXT_CLOSES_AT)
    assert close_next_period() is False


def test_after_a_long_time_once_is_enough(clock: time_machine.Coordinates, garden: Group) -> None:
    clock.move_to("2026-04-14T12:00:00Z")  # four weeks have closed

    assert close_next_period() is True
    assert shown(garden) == (Decimal("0.13"), datetime(2026, 4, 20, tzinfo=UTC))
    assert close_next_period() is False


def test_a_change_of_frequency_is_in_the_rate_at_once(alice: User, garden: Group) -> None:
    update_group(user=alice, group_id=garden.pk, check_in_frequency="daily")

    assert close_next_period() is True
    assert shown(garden) == (Decimal("0.50"), datetime(2026, 3, 19, tzinfo=UTC))
    assert differences([garden]) == []
    assert close_next_period() is False


def test_a_group_without_a_date_is_due_at_once_and_before_the_others(
    clock: time_machine.Coordinates, alice: User, garden: Group
) -> None:
    clock.move_to(CLOSES_AT)
    other = make_group(alice, name="The Cellar")
    Group.objects.filter(pk=other.pk).update(period_closes_at=None)

    assert close_next_period() is True
    assert (shown(other)[1], shown(garden)[1]) == (NEXT_CLOSES_AT, CLOSES_AT)
    assert close_next_period() is True
    assert shown(garden)[1] == NEXT_CLOSES_AT
    assert close_next_period() is False


def test_it_closes_by_the_settings_as_they_are_now(clock: time_machine.Coordinates, garden: Group) -> None:
    Group.objects.update(check_in_frequency="daily", timezone="Pacific/Kiritimati")
    clock.move_to(CLOSES_AT)
    close_next_period()

    assert shown(garden)[1] == datetime(2026, 3, 23, 10, tzinfo=UTC)


def test_ended_groups_are_left_alone(clock: time_machine.Coordinates, garden: Group) -> None:
    Group.objects.update(is_active=False)
    clock.move_to(CLOSES_AT)

    assert close_next_period() is False
    assert shown(garden) == (0, CLOSES_AT)


def test_a_group_that_fails_waits_and_the_others_have_their_turn(
    clock: time_machine.Coordinates, alice: User, garden: Group, caplog: pytest.LogCaptureFixture
) -> None:
    lost = make_group(alice, name="Lost")
    Group.objects.filter(pk=lost.pk).update(timezone="Mars/Olympus", period_closes_at=None)
    clock.move_to(CLOSES_AT)

    assert [close_next_period() for _ in range(3)] == [True, True, False]

    assert str(lost.pk) in caplog.text
    assert shown(garden) == (Decimal("0.50"), NEXT_CLOSES_AT)
    assert shown(lost) == (0, CLOSES_AT + closing.RETRY_AFTER)


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_do_no_harm(clock: time_machine.Coordinates, alice: User, bob: User, garden: Group) -> None:
    for number in range(7):
        make_group(alice, name=f"Group {number}")
    versions = set(Group.objects.values_list("pk", "version"))
    clock.move_to(CLOSES_AT)

    def work(number: int) -> int:
        done = 0
        while Group.objects.filter(period_closes_at__lte=CLOSES_AT).exists():
            done += bool(close_next_period())
        return done

    assert sum(at_once(4, work)) == 8
    assert set(Group.objects.values_list("period_closes_at", flat=True)) == {NEXT_CLOSES_AT}
    assert shown(garden)[0] == Decimal("0.50")
    changed = set(Group.objects.values_list("pk", "version")) - versions
    assert {pk for pk, _ in changed} == {garden.pk}


@pytest.mark.needs_servers
@pytest.mark.django_db(transaction=True)
def test_a_group_that_somebody_has_locked_is_passed_by(
    clock: time_machine.Coordinates, alice: User, garden: Group
) -> None:
    other = make_group(alice, name="The Cellar")
    Group.objects.filter(pk=other.pk).update(period_closes_at=datetime(2026, 3, 22, tzinfo=UTC))
    clock.move_to(CLOSES_AT)
    answers: list[bool] = []

    def work() -> None:
        answers.extend([close_next_period(), close_next_period()])
        connections.close_all()

    with transaction.atomic():
        Group.objects.select_for_update().get(pk=other.pk)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(10)
        assert not thread.is_alive(), "it should not have waited"

    assert answers == [True, False]
    assert (shown(garden)[1], shown(other)[1]) == (NEXT_CLOSES_AT, datetime(2026, 3, 22, tzinfo=UTC))
