"""Somebody is removed, banned or leaves while events pour in: they hear that they are out, and nothing later."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from channels.layers import channel_layers
from django.db import connections

from accounts.models import User
from accounts.tests.builders import make_user
from groups.members import change_member, leave_group, remove_member
from groups.models import Departure, Group
from groups.services import update_group
from groups.tests.builders import make_group
from hucares.tests.racing import at_once
from realtime.models import GroupEvent
from realtime.tests.group_frames import left
from realtime.tests.live import FENCE, Client, LiveServer

ROUNDS = 6
MORE = 3  # events, at least, before somebody goes; and as many after it
MOST_AHEAD = 200  # events that nobody has waited for: a socket that is a thousand behind is told to read anew


def go(member: User, group: Group, admin: User, reason: Departure) -> None:
    """They are no member any more."""
    if reason == Departure.LEFT:
        leave_group(user=member, group_id=group.pk)
    elif reason == Departure.REMOVED:
        remove_member(user=admin, group_id=group.pk, member_id=member.pk)
    else:
        change_member(user=admin, group_id=group.pk, member_id=member.pk, status="banned")


class Pouring:
    """Events that pour into a group."""

    def __init__(self, group: Group, admin: User) -> None:
        self.group, self.admin = group, admin
        self.is_over = threading.Event()
        self.more = threading.Condition()
        self.count = self.awaited = 0

    def pour(self) -> None:
        """One event after the other until it is over."""
        try:
            while not self.is_over.is_set():
                update_group(user=self.admin, group_id=self.group.pk, description=f"{self.count}")
                with self.more:
                    self.count += 1
                    self.more.notify_all()
                    self.more.wait_for(lambda: self.is_over.is_set() or self.count < self.awaited + MOST_AHEAD)
        finally:
            connections.close_all()

    def wait_for_more(self) -> None:
        """Until there are some more than now."""
        with self.more:
            self.awaited = enough = self.count + MORE
            self.more.notify_all()
            assert self.more.wait_for(lambda: self.count >= enough, timeout=30)

    def end(self) -> None:
        """No more."""
        with self.more:
            self.is_over.set()
            self.more.notify_all()


@contextlib.contextmanager
def pouring(group: Group, admin: User) -> Iterator[Pouring]:
    """Events pour into the group meanwhile."""
    pouring = Pouring(group, admin)
    with ThreadPoolExecutor(1) as thread:
        poured = thread.submit(pouring.pour)
        try:
            yield pouring
        finally:
            pouring.end()
    poured.result()


@pytest.fixture(params=[0.0, 0.5, 1.0], ids=["no news lost", "half of the news lost", "all news lost"])
def loss(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> float:
    """The share of messages that never reach anybody, but for fences."""
    layer = channel_layers["default"]
    publish, dice = layer.publish, random.Random(random.random())

    def lose(messages: list[tuple[str, dict[str, Any]]]) -> None:
        publish([message for message in messages if FENCE in str(message) or dice.random() >= request.param])

    monkeypatch.setattr(layer, "publish", lose)
    return float(request.param)


def rounds(name: str) -> Iterator[tuple[User, User, Group, Departure]]:
    """A new member, the admin, their new group, and how the member goes; again and again."""
    admin = make_user(f"{name}_admin")
    for number in range(ROUNDS):
        member = make_user(f"{name}_{number}")
        reason = (Departure.LEFT, Departure.REMOVED, Departure.BANNED)[number % 3]
        yield member, admin, make_group(admin, member), reason


def assert_ends(frames: list[dict[str, Any]], group: Group, member: User, reason: Departure) -> None:
    """These frames are all events of the group up to the member's end, and nothing else."""
    end = GroupEvent.objects.get(group=group, event="member-left", subject=member).seq
    assert [frame.get("seq") for frame in frames] == list(range(1, end + 1))
    assert frames[-1] == left(group, end, member, reason)
    assert GroupEvent.objects.filter(group=group, seq__gt=end).count() >= MORE


def test_whoever_goes_hears_everything_up_to_that_and_nothing_later(server: LiveServer, loss: float) -> None:
    for member, admin, group, reason in rounds("member"):
        with server.socket_of(member, group.pk) as one, server.socket_of(member, group.pk) as other:
            with pouring(group, admin) as poured:
                poured.wait_for_more()
                go(member, group, admin, reason)
                poured.wait_for_more()
                during = one.fence()
            assert_ends(during + one.fence(), group, member, reason)
            assert_ends(other.fence(), group, member, reason)
            assert one.fence() == other.fence() == []


def test_whoever_goes_while_joining_hears_of_that_or_nothing_at_all(server: LiveServer, loss: float) -> None:
    for member, admin, group, reason in rounds("joiner"):
        with server.socket_of(member) as client, pouring(group, admin) as poured:
            poured.wait_for_more()
            rivals = [partial(join_whole, client, group), partial(go, member, group, admin, reason)]
            answer = at_once(2, partial(call_one, rivals))[0]
            poured.wait_for_more()
            after = client.fence()
            if answer["event"] == "ack":
                assert_ends(answer["before"] + after, group, member, reason)
            else:
                assert (answer["data"]["code"], answer["before"], after) == ("NOT_FOUND", [], [])
            assert client.fence() == []


def call_one(calls: list[Callable[[], Any]], number: int) -> Any:
    return calls[number]()


def join_whole(client: Client, group: Group) -> dict[str, Any]:
    """Join and have everything replayed; whatever the answer is."""
    return client.ask("join-group", {"groupId": str(group.pk), "since": 0})
