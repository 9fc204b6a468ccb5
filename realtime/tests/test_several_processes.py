"""The main job with several server processes on one PostgreSQL and one Redis."""

from __future__ import annotations

import contextlib

import pytest

from accounts.models import User
from checkins.tests.builders import make_check_in
from groups.models import Group
from realtime.tests.live import SocketOpener

pytestmark = pytest.mark.needs_servers
SOCKETS = 10


def test_a_check_in_reaches_sockets_of_every_process(
    cluster: SocketOpener, alice: User, bob: User, porch: Group
) -> None:
    with contextlib.ExitStack() as stack:
        at_bob = [stack.enter_context(cluster.socket_of(bob, porch.pk)) for _ in range(SOCKETS)]
        make_check_in(alice, porch)  # this test's process is one more that publishes
        for client in at_bob:
            assert {client.receive()["event"] for _ in range(2)} == {"friend-checked-in", "notification"}
        for client in at_bob:
            assert client.fence() == []
