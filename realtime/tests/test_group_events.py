"""What becomes of a group and its members, as its sockets hear it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from checkins.tests.builders import make_check_in
from groups.members import join_group
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group, make_member
from hucares.tests.answers import data_of, refusal_of
from realtime import log
from realtime.layer import InProcessLayer
from realtime.models import GroupEvent
from realtime.tests.group_frames import frames_in, joined, left, promoted, updated, url
from realtime.tests.layers import layer_in_use
from realtime.tests.live import Client, LiveServer

# --- Each verb, heard by those who stay ---


def test_those_who_stay_hear_each_verb_as_it_is_in_the_log(
    server: LiveServer, alice: User, bob: User, charlie: User, porch: Group
) -> None:
    admin, dana = signed_in(alice), make_member("dana", porch)
    with server.socket_of(bob, porch.pk) as at_bob, server.socket_of(alice, porch.pk) as at_alice:
        signed_in(charlie).post("/api/v1/groups/join", {"accessCode": porch.access_code})
        admin.put(url(porch, "members", charlie.pk), {"role": "moderator", "permissions": {"canKick": True}})
        admin.put(url(porch), {"name": "The Garden", "maxMembers": 9, "isPrivate": False})
        code = data_of(admin.post(url(porch, "access-code")))["accessCode"]
        admin.put(url(porch, "members", "me"), {"notificationEnabled": False})
        admin.delete(url(porch, "members", dana.pk))
        admin.put(url(porch, "members", charlie.pk), {"status": "banned"})
        admin.put(url(porch, "members", charlie.pk), {"status": "active"})
        signed_in(charlie).post(url(porch, "leave"))
        frames = at_bob.fence()
        assert at_alice.fence() == frames

    assert frames == [
        joined(porch, 1, charlie),
        promoted(porch, 2, charlie, "moderator", canKick=True),
        updated(porch, 3, "settings-changed", fields=["name", "isPrivate", "maxMembers"]),
        left(porch, 4, dana, "removed"),
        left(porch, 5, charlie, "banned"),
        joined(porch, 6, charlie),
        left(porch, 7, charlie, "left"),
    ]
    assert frames_in(porch, bob) == frames
    assert code not in json.dumps(frames)
    assert porch.access_code not in json.dumps(frames)


def test_a_replay_brings_the_same_frames(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    join_group(user=make_user("dana"), access_code=porch.access_code)
    signed_in(alice).put(url(porch), {"name": "The Garden"})
    signed_in(alice).put(url(porch, "members", bob.pk), {"role": "admin"})

    with server.socket_of(bob) as client:
        assert client.join(porch.pk, since=0)["before"] == frames_in(porch, bob)


def test_an_admin_who_leaves_is_followed_before_everybodys_eyes(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    make_member("dana", porch)
    with server.socket_of(bob, porch.pk) as client:
        signed_in(alice).post(url(porch, "leave"))

        assert client.fence() == [left(porch, 1, alice, "left"), promoted(porch, 2, bob, "admin")]


def test_an_invitation_is_no_event_of_the_group(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    dana = make_user("dana")
    with server.socket_of(bob, porch.pk) as at_bob, server.socket_of(dana) as at_dana:
        signed_in(alice).post(url(porch, "invite"), {"username": "dana"})

        heard = at_dana.expect("notification")["data"]
        assert (heard["type"], heard["data"]["accessCode"]) == ("group_invitation", porch.access_code)
        assert at_bob.fence() == []
    assert heard == data_of(signed_in(dana).get("/api/v1/notifications"))[0]
    assert not GroupEvent.objects.exists()


# --- The end, for one or for all ---


def go_on(group: Group, author: User) -> None:
    """Something more happens in the group."""
    make_check_in(author, group)
    signed_in(author).put(url(group), {"description": "Without you."})


def heard_of(group: Group, client: Client) -> list[dict[str, Any]]:
    """What a socket has got of a group."""
    return [frame for frame in client.fence() if "seq" in frame and frame["data"]["groupId"] == str(group.pk)]


@pytest.mark.parametrize("reason", ["left", "removed", "banned"])
def test_who_goes_hears_of_that_on_every_socket_and_then_nothing_more(
    server: LiveServer, alice: User, bob: User, porch: Group, reason: str
) -> None:
    garden = make_group(alice, bob, name="The Garden")
    with server.socket_of(bob, porch.pk, garden.pk) as one, server.socket_of(bob, porch.pk) as other:
        if reason == "left":
            signed_in(bob).post(url(porch, "leave"))
        elif reason == "removed":
            signed_in(alice).delete(url(porch, "members", bob.pk))
        else:
            signed_in(alice).put(url(porch, "members", bob.pk), {"status": "banned"})
        go_on(porch, alice)

        for client in (one, other):
            assert heard_of(porch, client) == [left(porch, 1, bob, reason)]
            assert client.ask("join-group", {"groupId": str(porch.pk), "since": 1})["data"]["code"] == "NOT_FOUND"
        make_check_in(alice, garden)
        assert [frame["event"] for frame in heard_of(garden, one)] == ["friend-checked-in"]
    refusal_of(signed_in(bob).get(url(porch, "events")), 404, "NOT_FOUND")


def test_who_joins_again_before_hearing_of_a_removal_hears_of_it_before_the_refusal(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with server.socket_of(bob, porch.pk) as client:
        with layer_in_use(InProcessLayer()):  # nobody listens to it
            signed_in(alice).delete(url(porch, "members", bob.pk))
        answer = client.ask("join-group", {"groupId": str(porch.pk)})
        assert answer["data"]["code"] == "NOT_FOUND"
        assert answer["before"] == [left(porch, 1, bob, "removed")]
        go_on(porch, alice)
        assert client.fence() == []


def test_who_comes_back_hears_again_once_joined_and_may_read_what_was_missed(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with server.socket_of(bob, porch.pk) as client:
        signed_in(bob).post(url(porch, "leave"))
        signed_in(alice).put(url(porch), {"name": "Without Bob"})
        signed_in(bob).post("/api/v1/groups/join", {"accessCode": porch.access_code})
        assert client.fence() == [left(porch, 1, bob, "left")]

        missed = client.join(porch.pk, since=1)["before"]
        assert missed == [updated(porch, 2, "settings-changed", fields=["name"]), joined(porch, 3, bob)]
        signed_in(alice).put(url(porch), {"name": "With Bob"})
        assert client.fence() == [updated(porch, 4, "settings-changed", fields=["name"])]


def test_the_end_of_a_group_reaches_everybody_and_then_nothing(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with server.socket_of(alice, porch.pk) as at_alice, server.socket_of(bob, porch.pk) as at_bob:
        signed_in(alice).delete(url(porch))

        for client in (at_alice, at_bob):
            assert client.fence() == [updated(porch, 1, "group-deleted")]
        Group.objects.filter(pk=porch.pk).update(is_active=True)  # what a member could still cause, were it alive
        go_on(porch, alice)
        for client in (at_alice, at_bob):
            assert heard_of(porch, client) == []


def lose_the_news(group: Group, *events: str, **values: Any) -> None:
    """These events in the log of which no message tells, as when Redis restarts between commit and publish."""
    with transaction.atomic():
        for event in events:
            log.append(group.pk, event, **values)


@pytest.mark.parametrize("found_by", ["a heartbeat", "the next event", "an event after that"])
def test_who_was_removed_without_news_hears_of_it_all_the_same_and_of_nothing_later(
    server: LiveServer, alice: User, bob: User, porch: Group, found_by: str
) -> None:
    with server.socket_of(bob, porch.pk) as client:
        Membership.objects.filter(user=bob).update(status=Status.INACTIVE)
        lose_the_news(porch, "member-left", subject=bob, reason="removed")
        if found_by == "an event after that":
            lose_the_news(porch, "settings-changed", fields=["name"])
        if found_by != "a heartbeat":
            signed_in(alice).put(url(porch), {"description": "Without you."})

        assert client.fence() == [left(porch, 1, bob, "removed")]
        go_on(porch, alice)
        assert client.fence() == []


def test_the_end_of_a_group_is_found_without_news_too(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    with server.socket_of(bob, porch.pk) as client:
        Group.objects.update(is_active=False)
        lose_the_news(porch, "group-deleted")

        assert client.fence() == [updated(porch, 1, "group-deleted")]
        assert client.fence() == []


def test_who_left_and_came_back_without_news_has_to_join_again(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with server.socket_of(bob, porch.pk) as client:
        lose_the_news(porch, "member-left", subject=bob, reason="left")
        lose_the_news(porch, "member-joined", subject=bob, role="member")

        assert client.fence() == [left(porch, 1, bob, "left")]
        assert client.join(porch.pk, since=1)["before"] == [joined(porch, 2, bob)]


def test_who_is_removed_while_joining_does_not_join(
    server: LiveServer, alice: User, bob: User, porch: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = log.replay

    def replay(*arguments: Any) -> log.Replay:
        signed_in(alice).delete(url(porch, "members", bob.pk))
        return real(*arguments)

    with server.socket_of(bob) as client:
        monkeypatch.setattr(log, "replay", replay)
        answer = client.ask("join-group", {"groupId": str(porch.pk), "since": 0})
        monkeypatch.undo()

        assert (answer["event"], answer["data"]["code"], answer["before"]) == ("error", "NOT_FOUND", [])
        go_on(porch, alice)
        assert client.fence() == []


def test_the_last_who_leaves_hears_of_leaving(server: LiveServer, alice: User) -> None:
    group = make_group(alice)
    with server.socket_of(alice, group.pk) as client:
        signed_in(alice).post(url(group, "leave"))

        assert client.fence() == [left(group, 1, alice, "left")]


def test_an_outsider_hears_nothing(server: LiveServer, alice: User, charlie: User, porch: Group) -> None:
    with server.socket_of(charlie) as client:
        assert client.ask("join-group", {"groupId": str(porch.pk)})["data"]["code"] == "NOT_FOUND"
        signed_in(alice).put(url(porch), {"name": "The Garden"})
        signed_in(alice).delete(url(porch))

        assert client.fence() == []
