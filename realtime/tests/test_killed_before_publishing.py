"""A process is killed after a commit and before it could publish what it committed."""

from __future__ import annotations

import http.client
import signal
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from checkins.models import CheckIn
from groups.models import Group
from hucares.tests.served_process import Serve
from realtime.models import GroupEvent
from realtime.tests.group_frames import left, updated, url
from realtime.tests.live import LiveServer, SocketOpener

pytestmark = pytest.mark.needs_servers
DYING = "realtime.tests.dying_app:application"
ANSWERS = {"productive": 8, "satisfied": 7, "body": 6, "care": 9}


def ask_one_that_dies(serve: Serve, method: str, path: str, body: Any, token: str) -> None:
    """A request that is carried out, though whoever asked never hears of it."""
    server = serve(DYING)
    with pytest.raises((OSError, http.client.HTTPException)):
        SocketOpener(server.port).call(method, path, body, token)
    assert server.end()[0] == -signal.SIGKILL


def test_a_check_in_comes_with_the_next_heartbeat_and_only_once(
    server: LiveServer, serve: Serve, alice: User, bob: User, porch: Group
) -> None:
    token, check_in = access_token(make_session(alice)), {"groupId": str(porch.pk), **ANSWERS}
    with server.socket_of(bob, porch.pk) as at_bob, server.socket_of(alice, porch.pk) as at_alice:
        ask_one_that_dies(serve, "POST", "/api/v1/checkins", check_in, token)
        assert CheckIn.objects.count() == GroupEvent.objects.count() == 1
        assert at_bob.news() == at_alice.news() == []

        (told,) = at_bob.fence()
        assert (told["event"], told["seq"], told["data"]["huCaresScore"]) == ("friend-checked-in", 1, 12)
        assert [(frame["event"], frame["seq"]) for frame in at_alice.fence()] == [("check-in-saved", 1)]

        status, refused = server.call("POST", "/api/v1/checkins", check_in, token)  # as a client does without an answer
        assert (status, refused["error"]["code"]) == (409, "DUPLICATE_CHECKIN")
        assert server.call("PUT", url(porch), {"name": "The Garden"}, token)[0] == 200
        for client in (at_bob, at_alice):
            assert client.fence() == [updated(porch, 2, "settings-changed", fields=["name"])]


def test_a_removal_comes_with_the_next_heartbeat_and_nothing_after_it(
    server: LiveServer, serve: Serve, alice: User, bob: User, porch: Group
) -> None:
    token = access_token(make_session(alice))
    with server.socket_of(bob, porch.pk) as at_bob:
        ask_one_that_dies(serve, "DELETE", url(porch, "members", bob.pk), None, token)
        assert at_bob.news() == []

        assert at_bob.fence() == [left(porch, 1, bob, "removed")]
        assert server.call("PUT", url(porch), {"name": "Without Bob"}, token)[0] == 200
        assert at_bob.fence() == []
