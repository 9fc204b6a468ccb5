"""join-group, leave-group and heartbeat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from channels.layers import channel_layers
from django.conf import LazySettings
from django.utils import timezone

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.members import join_group
from groups.models import Group, Membership, Status
from groups.services import update_group
from groups.tests.builders import make_group
from notifications.models import Notification
from realtime.models import GroupEvent, GroupLog, UserSession
from realtime.tests.history import lose_the_news, make_history
from realtime.tests.live import LiveServer


def seqs(answer: dict[str, Any]) -> list[int]:
    return [frame["seq"] for frame in answer["before"] if "seq" in frame]


def test_the_ack_tells_where_the_log_stands_and_who_is_online(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    make_history(porch, alice, 2)
    with server.socket_of(alice) as at_alice, server.socket_of(bob) as at_bob:
        at_alice.join(porch.pk)
        answer = at_bob.ask("join-group", {"groupId": str(porch.pk)})
    assert answer["before"] == []
    assert answer["data"] == {
        "groupId": str(porch.pk),
        "head": 2,
        "epoch": str(GroupLog.objects.get(group=porch).epoch),
        "resync": False,
        "online": sorted([str(alice.pk), str(bob.pk)]),
    }


def test_only_present_members_with_a_living_socket_are_online(
    server: LiveServer, alice: User, bob: User, charlie: User, porch: Group, settings: LazySettings
) -> None:
    join_group(user=charlie, access_code=porch.access_code)
    long_ago = timezone.now() - timedelta(seconds=settings.SOCKET_SILENCE_SECONDS + 1)
    UserSession.objects.create(user=charlie, socket_id="of a process that died", last_heartbeat=long_ago)
    with server.socket_of(alice) as at_alice, server.socket_of(bob) as at_bob:
        Membership.objects.filter(user=bob).update(status=Status.INACTIVE)
        assert at_alice.join(porch.pk)["data"]["online"] == [str(alice.pk)]
        assert at_bob.fence() == []


def test_what_was_missed_comes_in_order_before_the_ack(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    make_history(porch, alice, 5)
    with server.socket_of(bob) as client:
        assert seqs(client.join(porch.pk, since=0)) == [1, 2, 3, 4, 5]
        answer = client.join(porch.pk, since=3)
        assert seqs(answer) == [4, 5]
        assert [frame["data"]["huCaresScore"] for frame in answer["before"]] == [9, 10]
        assert seqs(client.join(porch.pk, since=5)) == []


def test_a_replay_shows_what_may_be_seen_now(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    make_history(porch, alice, 3)
    first, second, _ = CheckIn.objects.order_by("week_start_date")
    CheckIn.objects.filter(pk=first.pk).update(is_private=True)
    second.delete()
    with server.socket_of(bob) as client:
        *told, deleted = client.join(porch.pk, since=0)["before"]
    scores = [frame["data"]["huCaresScore"] for frame in told]
    assert deleted["data"]["type"] == "check-in-deleted"
    assert scores == [None, None, 8]


def test_an_erased_person_leaves_only_numbers(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    make_history(porch, alice, 1)
    GroupEvent.objects.update(subject=None)
    with server.socket_of(bob) as client:
        assert client.join(porch.pk, since=0)["before"] == [
            {"event": "erased", "data": {"groupId": str(porch.pk)}, "seq": 1}
        ]


def test_too_far_behind_means_resync(
    server: LiveServer, alice: User, bob: User, porch: Group, settings: LazySettings
) -> None:
    settings.SOCKET_REPLAY_LIMIT = 2
    make_history(porch, alice, 3)
    with server.socket_of(bob) as client:
        answer = client.join(porch.pk, since=0)
        assert (answer["before"], answer["data"]["resync"], answer["data"]["head"]) == ([], True, 3)
        assert client.join(porch.pk, since=1)["data"]["resync"] is False


def test_events_that_are_no_longer_kept_mean_resync(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    make_history(porch, alice, 3)
    GroupEvent.objects.filter(seq=1).delete()
    with server.socket_of(bob) as client:
        assert client.join(porch.pk, since=0)["data"]["resync"] is True
        assert seqs(client.join(porch.pk, since=1)) == [2, 3]


def test_a_foreign_epoch_means_resync_whatever_since_says(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    make_history(porch, alice, 1)
    with server.socket_of(bob) as client:
        assert client.join(porch.pk, since=99, epoch=str(uuid4()))["data"]["resync"] is True
        own = str(GroupLog.objects.get(group=porch).epoch)
        refused = client.ask("join-group", {"groupId": str(porch.pk), "since": 99, "epoch": own})
        assert (refused["event"], refused["data"]["code"]) == ("error", "VALIDATION_ERROR")


def test_a_refused_second_join_leaves_the_first_one_as_it_was(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with server.socket_of(bob, porch.pk) as client:
        refused = client.ask("join-group", {"groupId": str(porch.pk), "since": 99})
        assert refused["data"]["code"] == "VALIDATION_ERROR"
        make_check_in(alice, porch)
        assert {client.receive()["event"], client.receive()["event"]} == {"friend-checked-in", "notification"}


@pytest.mark.parametrize("standing", [Status.INACTIVE, Status.BANNED])
def test_former_members_cannot_join(server: LiveServer, alice: User, bob: User, porch: Group, standing: Status) -> None:
    Membership.objects.filter(user=bob).update(status=standing)
    with server.socket_of(bob) as client:
        answer = client.ask("join-group", {"groupId": str(porch.pk), "since": 0})
        assert (answer["event"], answer["data"]["code"], answer["before"]) == ("error", "NOT_FOUND", [])
        make_check_in(alice, porch)
        assert [frame["event"] for frame in client.fence()] == []


def test_an_archived_group_cannot_be_joined(server: LiveServer, bob: User, porch: Group) -> None:
    Group.objects.update(is_active=False)
    with server.socket_of(bob) as client:
        assert client.ask("join-group", {"groupId": str(porch.pk)})["data"]["code"] == "NOT_FOUND"


def test_after_leaving_nothing_more_comes(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    with server.socket_of(bob, porch.pk) as client:
        assert client.ask("leave-group", {"groupId": str(porch.pk)})["event"] == "ack"
        make_check_in(alice, porch)
        assert [frame["event"] for frame in client.fence()] == ["notification"]


def test_groups_are_kept_apart(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    other = make_group(alice, bob, name="The Garden")
    with server.socket_of(bob, porch.pk) as client:
        make_check_in(alice, other)
        assert [frame["event"] for frame in client.fence()] == ["notification"]
        client.join(other.pk)
        make_check_in(alice, porch)
        assert {frame["event"] for frame in (client.receive(), client.receive())} == {
            "friend-checked-in",
            "notification",
        }


def test_a_gap_is_closed_from_the_log_before_the_next_event(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    make_history(porch, alice, 1)
    with server.socket_of(bob, porch.pk) as client:
        lose_the_news(porch, alice)
        make_check_in(alice, porch)
        heard = [client.receive() for _ in range(3)]
        assert [frame["seq"] for frame in heard if "seq" in frame] == [2, 3]
        assert client.fence() == []


def test_news_that_comes_in_another_order_and_twice_is_told_in_order_and_once(
    server: LiveServer, alice: User, bob: User, porch: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, held = channel_layers["default"], []
    with server.socket_of(bob, porch.pk) as client:
        monkeypatch.setattr(layer, "publish", held.append)
        for name in ("One", "Two", "Three"):
            update_group(user=alice, group_id=porch.pk, name=name)
        monkeypatch.undo()
        for messages in [*reversed(held), *held]:
            layer.publish(messages)
        assert [frame["seq"] for frame in client.fence()] == [1, 2, 3]


def test_a_lost_last_event_comes_with_the_next_heartbeat(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    make_history(porch, alice, 1)
    with server.socket_of(bob, porch.pk) as client:
        lose_the_news(porch, alice)
        assert [frame["seq"] for frame in client.fence()] == [2]
        assert client.fence() == []


def test_a_gap_is_not_closed_for_somebody_who_is_out(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    make_history(porch, alice, 1)
    with server.socket_of(bob, porch.pk) as client:
        lose_the_news(porch, alice)
        Membership.objects.filter(user=bob).update(status=Status.INACTIVE)
        assert client.fence() == []
        make_check_in(alice, porch)
        assert client.fence() == []


def test_the_heartbeat_tells_the_time_and_the_unread_count(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    make_check_in(alice, porch)
    with server.socket_of(bob) as client:
        client.send("heartbeat")
        beat = client.expect("heartbeat")
        assert beat["data"]["unreadCount"] == 1
        assert beat["data"]["serverTime"].endswith("Z")
        assert "ref" not in beat


def test_reading_elsewhere_reaches_the_other_devices(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    make_check_in(alice, porch)
    rest = signed_in(bob)
    (row,) = rest.get("/api/v1/notifications").json()["data"]
    with server.socket_of(bob) as client, server.socket_of(alice) as at_alice:
        rest.put(f"/api/v1/notifications/{row['id']}/read")
        assert client.expect("notification-read")["data"] == {"ids": [row["id"]]}
        rest.put(f"/api/v1/notifications/{row['id']}/read")
        rest.post("/api/v1/notifications/read-all")
        assert client.fence() == []
        Notification.objects.update(is_read=False)
        rest.post("/api/v1/notifications/read-all")
        assert client.expect("notification-read")["data"] == {"all": True}
        assert at_alice.fence() == []
