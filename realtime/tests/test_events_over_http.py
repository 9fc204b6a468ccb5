"""GET /groups/:id/events."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.members import join_group
from groups.models import Group, Membership, Role, Status
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.racing import at_once
from realtime.models import GroupEvent
from realtime.tests.group_frames import frames_in, updated, url
from realtime.tests.live import LiveServer


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

    with django_assert_num_queries(5):
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
