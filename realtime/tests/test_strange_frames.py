"""Thousands of frames that make little sense or none: each is answered, nothing breaks, and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import re
import stat
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from channels.layers import channel_layers
from django.conf import LazySettings
from websockets.frames import CloseCode

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from checkins.models import CheckIn
from groups.models import Group, Membership
from groups.tests.builders import make_group
from hucares.tests.served_process import until
from realtime.models import GroupEvent, UserSession
from realtime.tests.live import Client, LiveServer
from realtime.tests.strange_frames import StrangeFrames, ref_of

FRAMES = 10_000
AT_ONCE = 100  # frames that are sent before their answers are read
TOKENS = 40
WARMING_UP = 200  # frames, after which all that is kept for good is there
OF_A_POOL = re.compile(r"\w+_\d+$")  # the name of a thread that waits for the next work; there are only so many


@pytest.fixture
def unlimited(settings: LazySettings) -> None:
    """As many frames as one likes, while somebody else says nothing."""
    settings.SOCKET_FRAME_BURST = 10 * FRAMES
    settings.SOCKET_SILENCE_SECONDS = 600.0


def send_and_count(client: Client, frames: list[str | bytes]) -> Counter[str | None]:
    """How many answers came under each ref; those without one are errors, or heartbeats that asked for none."""
    for frame in frames:
        client.connection.send(frame)
    answers: Counter[str | None] = Counter()
    for frame in client.fence():
        assert frame["event"] in {"ack", "error", "heartbeat"}, frame
        if frame["event"] != "heartbeat":
            answers[frame.get("ref")] += 1
    return answers


def pelt(server: LiveServer, user: User, strange: StrangeFrames, count: int) -> None:
    """A socket of this person sends so many strange frames, and is as well as ever afterwards."""
    with server.socket_of(user) as client:
        client.is_checked = False
        for _ in range(count // AT_ONCE):
            sent = [strange.make() for _ in range(AT_ONCE)]
            answers = send_and_count(client, sent)
            nameless = answers.pop(None, 0)
            expected = Counter(ref for ref in map(ref_of, sent) if ref is not None)
            assert answers == expected
            assert nameless <= AT_ONCE - expected.total()


def kept(server: LiveServer, user: User) -> dict[str, Any]:
    """What a server keeps while somebody is connected, and what it has written."""
    (loop,) = {task.get_loop() for task in server.server.server_state.tasks}
    layer = channel_layers["default"]
    return {
        "tasks": len(asyncio.all_tasks(loop)),
        "connections": len(server.server.server_state.connections),
        "network sockets": sum(map(is_network_socket, os.listdir("/dev/fd"))),
        "threads": [thread.name for thread in threading.enumerate() if not OF_A_POOL.match(thread.name)],
        "subscriptions": subscriptions(layer),
        "open sockets": UserSession.objects.filter(closed_at=None).exclude(user=user).count(),
        "rows": [model.objects.count() for model in (GroupEvent, CheckIn, Membership, Group, User)],
    }


def is_network_socket(descriptor: str) -> bool:
    """Whether an open file is one; those that were closed meanwhile are none."""
    with contextlib.suppress(OSError):
        return stat.S_ISSOCK(os.fstat(int(descriptor)).st_mode)
    return False


def subscriptions(layer: Any) -> int:
    """How many groups processes hear of; on the embedded default, how many have somebody in them."""
    if not hasattr(layer, "publisher"):
        return len(layer.groups)
    return len(layer.publisher.pubsub_channels(layer.topic("*")))


@pytest.fixture
def dice() -> Iterator[random.Random]:
    """Dice, the seed of which is told with whatever goes wrong."""
    seed = random.randrange(1_000_000)
    print(f"the seed is {seed}")
    return random.Random(seed)


def test_each_is_answered_once_and_nothing_breaks_or_is_left_behind(
    server: LiveServer,
    alice: User,
    bob: User,
    charlie: User,
    porch: Group,
    unlimited: None,
    dice: random.Random,
    caplog: pytest.LogCaptureFixture,
) -> None:
    strange = StrangeFrames(dice, make_group(charlie).pk)
    with server.socket_of(bob, porch.pk) as at_bob:
        pelt(server, alice, strange, WARMING_UP)
        until(lambda: len(server.server.server_state.tasks) == 1)
        before = kept(server, bob)
        pelt(server, alice, strange, FRAMES - WARMING_UP)
        with contextlib.suppress(AssertionError):  # the next line tells more
            until(lambda: kept(server, bob) == before)
        assert kept(server, bob) == before
        assert at_bob.fence() == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_tokens_that_are_changed_close_their_socket_and_no_other(
    server: LiveServer, alice: User, bob: User, dice: random.Random
) -> None:
    token = access_token(make_session(alice))
    with server.socket_of(bob) as at_bob:
        for _ in range(TOKENS):
            position = dice.randrange(len(token))
            changed = token[:position] + dice.choice(".-\u0000é💥") + token[position + dice.randint(1, 3) :]
            if changed == token:
                continue
            with server.open() as client:
                answer = client.ask("authenticate", {"accessToken": changed})
                assert (answer["event"], answer["data"]["code"]) == ("error", "TOKEN_INVALID")
                assert client.close_code() == 4401
        assert at_bob.fence() == []
    assert not UserSession.objects.filter(user=alice).exists()


def test_what_is_no_text_at_all_closes_its_socket_and_no_other(server: LiveServer, alice: User, bob: User) -> None:
    with server.socket_of(bob) as at_bob, server.socket_of(alice) as client:
        client.connection.send(b'{"event": "\xff"}', text=True)
        assert client.close_code() == CloseCode.INVALID_DATA
        assert at_bob.fence() == []
