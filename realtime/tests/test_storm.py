"""While many write and many come and go, no event of a group is lost, repeated or out of its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from channels.layers import channel_layers
from django.conf import LazySettings

from groups.models import Group
from realtime.models import GroupEvent, GroupLog
from realtime.tests.live import LiveServer, SocketOpener
from realtime.tests.storm import Listener, Storm, log_of, told
from realtime.tests.test_layer import cut_subscriptions


def calm() -> None:
    """Nothing else goes wrong."""


def cut() -> None:
    """Every process loses its connection to Redis on which it hears."""
    cut_subscriptions(channel_layers["default"])


@pytest.mark.parametrize("gust", [calm, pytest.param(cut, marks=pytest.mark.needs_servers)])
def test_nothing_is_lost_or_repeated(server: LiveServer, settings: LazySettings, gust: Callable[[], None]) -> None:
    settings.SOCKET_AUTHENTICATION_SECONDS = 60.0  # clients and server share one busy process
    assert_everybody_has_heard_everything(Storm(server, gust))


@pytest.mark.needs_servers
def test_nothing_is_lost_or_repeated_by_several_processes(cluster: SocketOpener) -> None:
    for gust in (calm, cut):
        assert_everybody_has_heard_everything(Storm(cluster, gust))


def assert_everybody_has_heard_everything(storm: Storm) -> None:
    """The table, the log over HTTP and what each client heard are the same, and are what was committed."""
    listeners = storm.rage()
    seed = f"the storm's seed was {storm.seed}"
    assert sum(listener.visits for listener in listeners) > 1.5 * len(listeners), seed
    assert GroupEvent.objects.filter(group__in=storm.groups).count() == storm.committed, seed
    for group in storm.groups:
        assert_complete(group, [listener for listener in listeners if group.pk in listener.heard], seed)


def assert_complete(group: Group, listeners: list[Listener], seed: str) -> None:
    """One group's log is whole, and everybody has all of it."""
    rows = list(GroupEvent.objects.filter(group=group).order_by("seq").values_list("seq", flat=True))
    assert rows == list(range(1, GroupLog.objects.get(group=group).head + 1)), seed
    logs = {user: log_of(group, user) for user in {listener.user for listener in listeners}}
    for listener in listeners:
        assert len(logs[listener.user]) == len(rows), seed
        assert [told(frame) for frame in listener.heard[group.pk]] == logs[listener.user], seed
