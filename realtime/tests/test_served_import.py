"""The import of the old app's check-ins through a running server, and what its members' sockets hear: nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from checkins.models import CheckIn
from checkins.tests.legacy import URL, export_of, old_record, old_weeks
from groups.models import Group
from realtime.tests.live import LiveServer

MIB = 1024 * 1024


def send(server: LiveServer, user: User, data: Any, **fields: Any) -> tuple[int, Any]:
    """One real call: (status, decoded body)."""
    return server.call("POST", URL, {"data": data, **fields}, access_token(make_session(user)))


@pytest.mark.parametrize(("size", "status"), [(2 * MIB, 200), (2 * MIB + 1, 413), (6 * MIB, 413)])
def test_two_mebibytes_of_data_pass_and_no_byte_more(server: LiveServer, alice: User, size: int, status: int) -> None:
    data = export_of(old_record(), friends="")
    data["friends"] = "x" * (size - len(json.dumps(data)))  # as the call below writes it

    answered, answer = send(server, alice, data)
    assert answered == status, answer
    assert status == 200 or answer["error"]["code"] == "PAYLOAD_TOO_LARGE"
    assert CheckIn.objects.count() == (status == 200)


def test_text_in_which_every_quote_is_escaped_passes_too(server: LiveServer, alice: User) -> None:
    text = json.dumps(export_of(*old_weeks(2), friends=["" for _ in range(500_000)]), separators=(",", ":"))

    assert len(json.dumps(text)) > 2 * MIB > len(text)
    status, answer = send(server, alice, text)
    assert (status, answer["data"]["imported"]) == (200, 2)


def test_the_sockets_of_the_group_hear_nothing(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    with server.socket_of(bob, porch.pk) as socket:
        status, answer = send(server, alice, export_of(*old_weeks(10)), groupId=str(porch.pk))

        assert (status, answer["data"]["imported"]) == (200, 10)
        assert socket.fence() == []
