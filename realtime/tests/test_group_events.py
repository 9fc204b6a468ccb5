"""What becomes of a group and its members, as its sockets hear it and as the log tells it over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import transaction
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.members import join_group
from groups.models import Group, Membership, Role, Status
from groups.tests.builders import make_group, make_member
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.racing import at_once
from realtime import log
from realtime.models import GroupEvent
from realtime.tests.live import Client, LiveServer

NOTHING = {"canInvite": False, "canKick": False}


def url(group: Group, *path: object) -> str:
    return "/".join(map(str, ["/api/v1/groups", group.pk, *path]))


def updated(group: Group, seq: int, kind: str, **data: Any) -> dict[str, Any]:
    """The frame of an event about a group."""
    inner = {"groupId": str(group.pk), "type": kind, "data": data}
    return {"event": "group-updated", "data": inner, "seq": seq}


def left(group: Group, seq: int, user: User, reason: str) -> dict[str, Any]:
    return updated(group, seq, "member-left", userId=str(user.pk), reason=reason)


def joined(group: Group, seq: int, user: User) -> dict[str, Any]:
    return updated(group, seq, "member-joined", userId=str(user.pk), username=user.username, role="member")


def promoted(group: Group, seq: int, user: User, role: str, **permissions: bool) -> dict[str, Any]:
    rights = {**NOTHING, **permissions}
    return updated(group, seq, "member-updated", userId=str(user.pk), role=role, permissions=rights)


def frames_in(group: Group, user: User) -> list[dict[str, Any]]:
    """The log over HTTP, written as frames."""
    events = data_of(signed_in(user).get(url(group, "events")))["events"]
    return [{"event": event["event"], "data": event["data"], "seq": event["seq"]} for event in events]


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


# --- The log over HTTP ---


def test_data_over_http_is_that_of_the_socket_to_the_byte(
    server: LiveServer, alice: User, bob: User, charlie: User, porch: Group
) -> None:
    with server.socket_of(bob, porch.pk) as client:
        make_check_in(alice, porch)
        make_check_in(bob, porch)
        CheckIn.objects.get(user=alice).delete()
        join_group(user=charlie, access_code=porch.access_code)
        signed_in(alice).put(url(porch, "members", bob.pk), {"permissions": {"canInvite": True}})
        signed_in(alice).put(url(porch), {"name": "Früh & spät 🌅", "timezone": "Europe/Berlin"})
        signed_in(charlie).post(url(porch, "leave"))
        texts = []
        while len(texts) < 7:
            text = client.connection.recv(timeout=10)
            texts += [text] if '"seq":' in text else []

    answer = signed_in(bob).get(url(porch, "events"))
    body = answer.content.decode()
    told = [event["event"] for event in data_of(answer)["events"]]
    assert told == ["friend-checked-in", "check-in-saved", *["group-updated"] * 5]
    position = 0
    for text in texts[1:]:  # the first is a check-in that is deleted: its score and instant are gone from the log
        data = text[text.index('"data":') : text.index(',"seq":')]
        position = body.index(data, position) + len(data)


def test_each_event_has_its_number_and_its_instant(alice: User, porch: Group) -> None:
    signed_in(alice).put(url(porch), {"name": "The Garden"})

    answer = data_of(signed_in(alice).get(url(porch, "events")))

    assert answer.keys() == {"events", "head", "epoch", "resync"}
    (event,) = answer["events"]
    assert event.keys() == {"seq", "event", "data", "createdAt"}
    assert event["createdAt"].endswith("Z")
    assert (answer["head"], answer["epoch"], answer["resync"]) == (1, str(epoch_of(porch)), False)


def epoch_of(group: Group) -> Any:
    return group.log.epoch  # type: ignore[attr-defined]


def make_events(group: Group, admin: User, count: int) -> None:
    client = signed_in(admin)
    for number in range(count):
        data_of(client.put(url(group), {"name": f"Name {number}"}))


def read(group: Group, user: User, **query: Any) -> tuple[list[int], int, bool]:
    """(numbers of the events, head, resync)."""
    answer = data_of(signed_in(user).get(url(group, "events"), query))
    return [event["seq"] for event in answer["events"]], answer["head"], answer["resync"]


def test_since_and_limit_page_through_the_log(alice: User, bob: User, porch: Group) -> None:
    make_events(porch, alice, 5)

    assert read(porch, bob) == ([1, 2, 3, 4, 5], 5, False)
    assert read(porch, bob, since=2) == ([3, 4, 5], 5, False)
    assert read(porch, bob, limit=2) == ([1, 2], 5, False)
    assert read(porch, bob, since=2, limit=2) == ([3, 4], 5, False)
    assert read(porch, bob, since=4, limit=200) == ([5], 5, False)
    assert read(porch, bob, since=5) == ([], 5, False)


def test_an_empty_log_has_a_head_and_an_epoch(bob: User, porch: Group) -> None:
    assert read(porch, bob) == ([], 0, False)
    first, second = (data_of(signed_in(bob).get(url(porch, "events")))["epoch"] for _ in range(2))
    assert first == second == str(epoch_of(porch))


def test_too_far_behind_means_resync_and_no_events(
    alice: User, bob: User, porch: Group, settings: LazySettings
) -> None:
    settings.SOCKET_REPLAY_LIMIT = 3
    make_events(porch, alice, 5)

    assert read(porch, bob, since=1) == ([], 5, True)
    assert read(porch, bob, since=1, limit=2) == ([], 5, True)
    assert read(porch, bob, since=2) == ([3, 4, 5], 5, False)


def test_events_that_are_no_longer_kept_mean_resync(alice: User, bob: User, porch: Group) -> None:
    make_events(porch, alice, 3)
    GroupEvent.objects.filter(seq__lte=2).delete()

    assert read(porch, bob, since=1) == ([], 3, True)
    assert read(porch, bob, since=2) == ([3], 3, False)
    GroupEvent.objects.all().delete()
    assert read(porch, bob, since=3) == ([], 3, False)


def test_a_foreign_epoch_means_resync_and_is_judged_before_since(alice: User, bob: User, porch: Group) -> None:
    make_events(porch, alice, 2)
    own = epoch_of(porch)

    for foreign in ("018f0000-0000-7000-8000-000000000000", "of another life"):
        assert read(porch, bob, since=1, epoch=foreign) == ([], 2, True)
        assert read(porch, bob, since=99, epoch=foreign) == ([], 2, True)
    assert read(porch, bob, since=1, epoch=own) == ([2], 2, False)


def test_since_beyond_the_newest_event_is_refused(alice: User, bob: User, porch: Group) -> None:
    make_events(porch, alice, 2)
    client = signed_in(bob)

    for query in ({"since": 3}, {"since": 3, "epoch": epoch_of(porch)}, {"since": 2**63 - 1}):
        error = refusal_of(client.get(url(porch, "events"), query), 400, "VALIDATION_ERROR")
        assert error["details"].keys() == {"since"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("since", -1),
        ("since", "x"),
        ("since", "1.5"),
        ("since", 2**63),
        ("limit", 0),
        ("limit", 201),
        ("limit", "all"),
        ("epoch", "x" * 65),
        ("epoch", "nul\x00"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(bob: User, porch: Group, field: str, value: Any) -> None:
    error = refusal_of(signed_in(bob).get(url(porch, "events"), {field: value}), 400, "VALIDATION_ERROR")
    assert error["details"].keys() == {field}


@pytest.mark.parametrize("status", [None, Status.INACTIVE, Status.BANNED])
def test_whoever_is_not_in_the_group_gets_the_answer_of_one_that_does_not_exist(
    alice: User, bob: User, charlie: User, porch: Group, status: Status | None
) -> None:
    make_events(porch, alice, 1)
    reader = bob if status else charlie
    Membership.objects.filter(user=bob).update(status=status or Status.ACTIVE)

    outside = refusal_of(signed_in(reader).get(url(porch, "events")), 404, "NOT_FOUND")
    nowhere = f"/api/v1/groups/{uuid4()}/events"
    assert outside == refusal_of(signed_in(reader).get(nowhere), 404, "NOT_FOUND")


def test_the_log_of_an_archived_group_is_closed(alice: User, porch: Group) -> None:
    signed_in(alice).delete(url(porch))

    refusal_of(signed_in(alice).get(url(porch, "events")), 404, "NOT_FOUND")


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    refusal_of(anonymous.get(url(porch, "events")), 401, "NOT_AUTHENTICATED")


def test_an_erased_person_leaves_only_numbers(alice: User, bob: User, charlie: User, porch: Group) -> None:
    join_group(user=charlie, access_code=porch.access_code)
    signed_in(alice).put(url(porch), {"name": "The Garden"})
    signed_in(alice).put(url(porch, "members", charlie.pk), {"role": "moderator"})
    signed_in(charlie).post(url(porch, "leave"))
    who = (charlie.username, str(charlie.pk))
    charlie.delete()

    frames = frames_in(porch, bob)

    erased = [{"event": "erased", "data": {"groupId": str(porch.pk)}, "seq": seq} for seq in (1, 3, 4)]
    assert frames == [erased[0], updated(porch, 2, "settings-changed", fields=["name"]), *erased[1:]]
    assert not any(part in json.dumps(frames) for part in who)


@pytest.mark.parametrize("count", [1, 12])
def test_more_events_take_no_more_statements(
    django_assert_num_queries: Any, alice: User, bob: User, porch: Group, count: int
) -> None:
    make_events(porch, alice, count)
    make_check_in(alice, porch)
    client = signed_in(bob)
    client.get(url(porch, "events"))  # notes the visit

    with django_assert_num_queries(6):
        assert len(data_of(client.get(url(porch, "events")))["events"]) == count + 1


@pytest.mark.django_db(transaction=True)
def test_whatever_happens_at_once_the_log_has_no_gap_and_tells_the_truth(alice: User, porch: Group) -> None:
    people = [make_user(f"guest_{number}") for number in range(8)]
    clients, admin = [signed_in(person) for person in people], signed_in(alice)

    def live(number: int) -> None:
        """Come, check in, be promoted; then leave, be removed, be banned, or stay."""
        person, client = people[number], clients[number]
        data_of(client.post("/api/v1/groups/join", {"accessCode": porch.access_code}))
        admin.put(url(porch, "members", person.pk), {"role": Role.MODERATOR})
        make_check_in(person, porch)
        if number % 4 == 0:
            data_of(client.post(url(porch, "leave")))
        elif number % 4 == 1:
            admin.delete(url(porch, "members", person.pk))
        elif number % 4 == 2:
            admin.put(url(porch, "members", person.pk), {"status": "banned"})

    at_once(8, live)

    events = data_of(admin.get(url(porch, "events")))
    assert [event["seq"] for event in events["events"]] == list(range(1, events["head"] + 1))
    inside = {"alice", "bob"}
    names = {str(person.pk): person.username for person in people}
    for event in events["events"]:
        kind, data = event["data"].get("type"), event["data"].get("data")
        if kind == "member-joined":
            inside.add(names[data["userId"]])
        elif kind == "member-left":
            inside.remove(names[data["userId"]])
    rows = data_of(admin.get(url(porch, "members"), {"limit": 100}))
    assert {row["user"]["username"] for row in rows} == inside == {"alice", "bob", "guest_3", "guest_7"}
    assert data_of(admin.get(url(porch)))["memberCount"] == 4
