"""What sockets see of somebody who erases their account."""

from __future__ import annotations

import pytest

from accounts.models import User
from accounts.tests.builders import PASSWORD, make_session
from accounts.tokens import access_token
from checkins.tests.builders import make_check_in
from groups.models import Group
from realtime.tests.live import LiveServer

pytestmark = pytest.mark.django_db(transaction=True)


def test_their_sockets_close_and_their_friends_hear_of_it(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    make_check_in(bob, porch)
    session = make_session(bob)
    with server.socket_of(alice, porch.pk) as friend, server.open() as own:
        own.authenticate(access_token(session))
        own.join(porch.pk)

        status, _ = server.call("DELETE", "/api/v1/users/account", {"password": PASSWORD}, access_token(session))

        assert status == 204
        assert own.close_code() == 4401
        told = friend.expect("group-updated")
        inner = {"userId": str(bob.pk), "reason": "erased"}
        assert told["data"] == {"groupId": str(porch.pk), "type": "member-left", "data": inner}
        assert friend.fence() == []
        first, last = friend.join(porch.pk, since=0)["before"]
        assert first == {"event": "erased", "data": {"groupId": str(porch.pk)}, "seq": 1}
        assert last == told
