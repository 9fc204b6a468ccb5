"""Two friends, one group: one checks in over REST, the other sees it on an open socket."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from checkins.models import CheckIn
from groups.models import Group
from realtime.models import GroupEvent
from realtime.tests.live import LiveServer

ANSWERS = {"productive": 8, "satisfied": 7, "body": 6, "care": 9}


def token_of(user: User) -> str:
    return access_token(make_session(user))


def check_in(server: LiveServer, user: User, group: Group, **more: object) -> dict[str, Any]:
    answers = {"groupId": str(group.pk), **ANSWERS, **more}
    status, body = server.call("POST", "/api/v1/checkins", answers, token_of(user))
    assert status == 201, body
    return body["data"]


def test_a_friend_sees_a_check_in_at_once_and_finds_the_notification(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with server.socket_of(alice, porch.pk) as at_alice, server.socket_of(bob, porch.pk) as at_bob:
        saved = check_in(server, alice, porch)

        frames = {frame["event"]: frame for frame in (at_bob.receive(), at_bob.receive())}
        assert frames["friend-checked-in"] == {
            "event": "friend-checked-in",
            "data": {
                "userId": str(alice.pk),
                "username": "alice",
                "groupId": str(porch.pk),
                "huCaresScore": 12,
                "timestamp": saved["submittedAt"],
            },
            "seq": 1,
        }
        status, listed = server.call("GET", "/api/v1/notifications", token=token_of(bob))
        assert status == 200
        assert listed["meta"]["unreadCount"] == 1
        assert frames["notification"] == {"event": "notification", "data": listed["data"][0]}
        assert at_alice.receive() == {
            "event": "check-in-saved",
            "data": {"groupId": str(porch.pk), "checkInId": saved["id"]},
            "seq": 1,
        }
        assert at_alice.fence() == []
        assert at_bob.fence() == []


def test_a_private_check_in_shows_that_it_happened_and_no_number(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with server.socket_of(bob, porch.pk) as at_bob:
        check_in(server, alice, porch, isPrivate=True, reflectionNote="only mine")
        frames = {frame["event"]: frame for frame in (at_bob.receive(), at_bob.receive())}
        assert frames["friend-checked-in"]["data"]["huCaresScore"] is None
        assert "only mine" not in str(frames)


def test_whoever_keeps_all_scores_private_shows_no_number_live_or_replayed(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    User.objects.filter(pk=alice.pk).update(privacy_settings={"scores": "private"})
    with server.socket_of(bob, porch.pk) as at_bob:
        check_in(server, alice, porch)
        frames = {frame["event"]: frame for frame in (at_bob.receive(), at_bob.receive())}
        assert frames["friend-checked-in"]["data"]["huCaresScore"] is None
        (replayed,) = at_bob.join(porch.pk, since=0)["before"]
        assert replayed == frames["friend-checked-in"]


def test_scores_made_private_later_are_not_replayed(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    check_in(server, alice, porch)
    with server.socket_of(bob) as at_bob:
        (before,) = at_bob.join(porch.pk, since=0)["before"]
        assert before["data"]["huCaresScore"] == 12
        status, _ = server.call(
            "PUT", "/api/v1/users/profile", {"privacySettings": {"scores": "private"}}, token_of(alice)
        )
        assert status == 200
        (after,) = at_bob.join(porch.pk, since=0)["before"]
        assert after["data"]["huCaresScore"] is None


def test_somebody_outside_the_group_hears_nothing(server: LiveServer, alice: User, charlie: User, porch: Group) -> None:
    with server.socket_of(charlie) as at_charlie:
        answer = at_charlie.ask("join-group", {"groupId": str(porch.pk)})
        assert (answer["event"], answer["data"]["code"]) == ("error", "NOT_FOUND")
        check_in(server, alice, porch)
        assert at_charlie.fence() == []


def test_a_refused_check_in_tells_nobody(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    with server.socket_of(bob, porch.pk) as at_bob:
        check_in(server, alice, porch)
        assert {at_bob.receive()["event"], at_bob.receive()["event"]} == {"friend-checked-in", "notification"}
        body = {"groupId": str(porch.pk), **ANSWERS}
        status, refused = server.call("POST", "/api/v1/checkins", body, token_of(alice))
        assert (status, refused["error"]["code"]) == (409, "DUPLICATE_CHECKIN")
        assert at_bob.fence() == []
    assert GroupEvent.objects.count() == CheckIn.objects.count() == 1


def test_every_device_of_a_person_hears(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    with server.socket_of(bob, porch.pk) as phone, server.socket_of(bob, porch.pk) as laptop:
        check_in(server, alice, porch)
        for device in (phone, laptop):
            assert {device.receive()["event"], device.receive()["event"]} == {"friend-checked-in", "notification"}


def test_a_friend_sees_a_change_and_a_deletion_at_once(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with server.socket_of(bob, porch.pk) as at_bob:
        saved = check_in(server, alice, porch)
        at_bob.receive(), at_bob.receive()
        path, token = f"/api/v1/checkins/{saved['id']}", token_of(alice)
        about = {"checkInId": saved["id"], "userId": str(alice.pk)}

        server.call("PUT", path, {"productive": 3}, token)
        told = {"groupId": str(porch.pk), "type": "check-in-updated", "data": {**about, "huCaresScore": 7}}
        assert at_bob.receive() == {"event": "group-updated", "data": told, "seq": 2}

        server.call("PUT", path, {"isPrivate": True}, token)
        told = {"groupId": str(porch.pk), "type": "check-in-updated", "data": {**about, "huCaresScore": None}}
        assert at_bob.receive() == {"event": "group-updated", "data": told, "seq": 3}

        server.call("DELETE", path, token=token)
        told = {"groupId": str(porch.pk), "type": "check-in-deleted", "data": about}
        assert at_bob.receive() == {"event": "group-updated", "data": told, "seq": 4}
        assert at_bob.fence() == []
