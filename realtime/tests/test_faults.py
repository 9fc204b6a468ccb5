"""When something breaks behind a socket."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from channels.layers import channel_layers
from django.db import connection

from accounts.models import User
from checkins.tests.builders import make_check_in
from groups.models import Group
from realtime.channel_names import group_channel
from realtime.tests.live import LiveServer


@contextlib.contextmanager
def missing_table(name: str) -> Iterator[None]:
    """A database whose table is gone for a while."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} RENAME TO {name}_gone")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {name}_gone RENAME TO {name}")


def test_a_fault_of_ours_is_told_without_its_text_and_the_socket_lives_on(
    server: LiveServer, alice: User, bob: User, porch: Group, caplog: pytest.LogCaptureFixture
) -> None:
    make_check_in(alice, porch)
    with server.socket_of(bob) as client:
        with missing_table("group_logs"):
            answer = client.ask("join-group", {"groupId": str(porch.pk)})
        assert (answer["event"], answer["data"]["code"]) == ("error", "INTERNAL_ERROR")
        assert "group_logs" not in str(answer)
        assert "group_logs" in caplog.text
        assert channel_layers["default"].groups.get(group_channel(porch.pk)) is None
        assert client.join(porch.pk, since=0)["data"]["head"] == 1
