"""What of realtime `manage.py prune` removes, and what a log without its old events answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.models import Group
from groups.tests.builders import make_group
from hucares.tests.answers import data_of
from realtime import log
from realtime.models import GroupEvent, GroupLog, UserSession
from realtime.tests.group_frames import updated, url
from realtime.tests.live import LiveServer

MINUTE = timedelta(minutes=1)


def make_events(group: Group, count: int) -> None:
    """That many events."""
    for _ in range(count):
        with transaction.atomic():
            log.append(group.pk, "settings-changed", fields=["name"])


def grow_old(group: Group, *seqs: int, days: int = 30) -> None:
    """These events happened that long ago, and a minute."""
    moment = timezone.now() - timedelta(days=days) - MINUTE
    assert GroupEvent.objects.filter(group=group, seq__in=seqs).update(created_at=moment) == len(seqs)


def prune() -> None:
    call_command("prune", "--json")


def log_over_http(group: Group, user: User, **query: Any) -> tuple[list[int], int, bool]:
    """(numbers of the events, head, resync)."""
    answer = data_of(signed_in(user).get(url(group, "events"), query))
    return [event["seq"] for event in answer["events"]], answer["head"], answer["resync"]


def test_events_are_kept_for_thirty_days(alice: User, bob: User, porch: Group) -> None:
    garden = make_group(bob)
    make_events(porch, 3)
    make_events(garden, 1)
    grow_old(porch, 1, 2)
    GroupEvent.objects.filter(group=garden).update(created_at=timezone.now() - timedelta(days=30) + MINUTE)

    prune()

    assert list(porch.events.values_list("seq", flat=True)) == [3]  # type: ignore[attr-defined]
    assert list(garden.events.values_list("seq", flat=True)) == [1]  # type: ignore[attr-defined]


def test_how_long_is_a_setting(porch: Group, settings: LazySettings) -> None:
    settings.EVENT_RETENTION = timedelta(days=2)
    make_events(porch, 2)
    grow_old(porch, 1, days=2)

    prune()

    assert GroupEvent.objects.get().seq == 2


def test_a_log_without_events_keeps_its_head_and_its_epoch_and_goes_on(bob: User, porch: Group) -> None:
    make_events(porch, 3)
    before = GroupLog.objects.values().get(group=porch)
    grow_old(porch, 1, 2, 3)

    prune()

    assert not GroupEvent.objects.exists()
    assert GroupLog.objects.values().get(group=porch) == before
    assert log_over_http(porch, bob, since=3, epoch=before["epoch"]) == ([], 3, False)
    make_events(porch, 1)
    assert GroupEvent.objects.get().seq == 4
    assert log_over_http(porch, bob, since=3, epoch=before["epoch"]) == ([4], 4, False)


def test_whoever_missed_events_that_are_gone_is_told_to_resync(bob: User, porch: Group) -> None:
    make_events(porch, 4)
    grow_old(porch, 1, 2)

    prune()

    assert log_over_http(porch, bob, since=0) == ([], 4, True)
    assert log_over_http(porch, bob, since=1) == ([], 4, True)
    assert log_over_http(porch, bob, since=2) == ([3, 4], 4, False)


def test_a_log_that_has_lost_events_in_between_is_never_replayed_over_the_gap(bob: User, porch: Group) -> None:
    """Clocks differ a little between processes, so an event may be younger than the next one of its log."""
    make_events(porch, 4)
    grow_old(porch, 2)

    prune()

    assert log_over_http(porch, bob, since=0) == ([], 4, True)
    assert log_over_http(porch, bob, since=0, limit=1) == ([1], 4, False)
    assert log_over_http(porch, bob, since=1, limit=1) == ([], 4, True)
    assert log_over_http(porch, bob, since=2) == ([3, 4], 4, False)


def test_a_socket_is_told_the_same(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    make_events(porch, 3)
    grow_old(porch, 1, 2)

    prune()

    with server.socket_of(bob) as client:
        answer = client.join(porch.pk, since=0)
        assert (answer["before"], answer["data"]["resync"], answer["data"]["head"]) == ([], True, 3)
        signed_in(alice).put(url(porch), {"name": "The Garden"})
        assert client.fence() == [updated(porch, 4, "settings-changed", fields=["name"])]
        assert client.join(porch.pk, since=2)["data"]["resync"] is False


@pytest.mark.parametrize(
    ("closed", "heard", "stays"),
    [
        (None, MINUTE, True),
        (None, timedelta(days=1) - MINUTE, True),
        (None, timedelta(days=1) + MINUTE, False),  # its process died, and nobody has swept it
        (timedelta(days=1) - MINUTE, timedelta(days=1) - MINUTE, True),
        (timedelta(days=1) + MINUTE, timedelta(days=1) + MINUTE, False),
    ],
)
def test_rows_of_dead_sockets_go_after_a_day(
    alice: User, closed: timedelta | None, heard: timedelta, stays: bool
) -> None:
    now = timezone.now()
    made: UUID = UserSession.objects.create(
        user=alice, socket_id="a socket", last_heartbeat=now - heard, closed_at=closed and now - closed
    ).pk

    prune()

    assert UserSession.objects.filter(pk=made).exists() is stays
