"""A group's log begins another life, as when a backup is restored: clients that come back with the former one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.models import Group
from groups.services import update_group
from hucares.tests.answers import data_of
from realtime.models import GroupEvent, GroupLog
from realtime.tests.group_frames import updated, url
from realtime.tests.live import LiveServer


def make_events(group: Group, admin: User, count: int) -> None:
    for _ in range(count):
        update_group(user=admin, group_id=group.pk, name=str(uuid4()))


def restore(group: Group, head: int) -> None:
    """The log is as it was when it had so many events, and lives again from there."""
    GroupEvent.objects.filter(group=group, seq__gt=head).delete()
    GroupLog.objects.filter(group=group).update(head=head, epoch=uuid4())


def renamed(group: Group, seq: int) -> dict[str, Any]:
    return updated(group, seq, "settings-changed", fields=["name"])


def test_a_socket_that_comes_back_is_told_to_resync_and_hears_what_happens_from_then_on(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    make_events(porch, alice, 3)
    with server.socket_of(bob) as client:
        former = client.join(porch.pk, since=0)["data"]
    restore(porch, head=1)

    with server.socket_of(bob) as client:
        answer = client.join(porch.pk, since=former["head"], epoch=former["epoch"])
        epoch = str(GroupLog.objects.get(group=porch).epoch)
        assert answer["before"] == []
        assert (answer["data"]["resync"], answer["data"]["head"], answer["data"]["epoch"]) == (True, 1, epoch)
        assert epoch != former["epoch"]

        make_events(porch, alice, 3)
        assert client.fence() == [renamed(porch, seq) for seq in (2, 3, 4)]

    make_events(porch, alice, 1)
    with server.socket_of(bob) as client:
        answer = client.join(porch.pk, since=4, epoch=epoch)
        assert answer["before"] == [renamed(porch, 5)]
        assert (answer["data"]["resync"], answer["data"]["head"]) == (False, 5)
        assert client.fence() == []


def test_a_socket_that_stayed_open_is_sent_away_with_its_next_heartbeat(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    make_events(porch, alice, 3)
    with server.socket_of(bob, porch.pk) as client:
        restore(porch, head=1)
        make_events(porch, alice, 4)
        client.send("heartbeat")
        assert client.close_code() == 1012


def test_a_client_that_reads_over_http_is_told_to_resync_and_reads_on(alice: User, bob: User, porch: Group) -> None:
    make_events(porch, alice, 3)
    client = signed_in(bob)
    former = data_of(client.get(url(porch, "events")))
    restore(porch, head=1)

    answer = data_of(client.get(url(porch, "events"), {"since": former["head"], "epoch": former["epoch"]}))
    assert (answer["events"], answer["resync"], answer["head"]) == ([], True, 1)
    make_events(porch, alice, 2)
    answer = data_of(client.get(url(porch, "events"), {"since": answer["head"], "epoch": answer["epoch"]}))
    assert [event["seq"] for event in answer["events"]] == [2, 3]
    assert (answer["resync"], answer["head"]) == (False, 3)
