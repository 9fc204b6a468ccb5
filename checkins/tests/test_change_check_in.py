"""PUT /checkins/:id."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.models import CheckIn
from checkins.tests.builders import events_of, make_check_in
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group
from hucares.tests.answers import data_of, refusal_of, refused_fields
from notifications.models import Notification

EXTRAS = {"reflection_note": "Slow.", "mood_emoji": "🙂", "energy_level": 3}


def url(check_in: CheckIn) -> str:
    return f"/api/v1/checkins/{check_in.pk}"


def everything(check_in: CheckIn) -> tuple[Any, ...]:
    """All that a change could touch."""
    group = Group.objects.values("version", "total_check_ins").get(pk=check_in.group_id)
    person = User.objects.values("version").get(pk=check_in.user_id)
    return CheckIn.objects.values().get(pk=check_in.pk), group, person, events_of(check_in.group)


def test_what_is_sent_is_changed_and_the_rest_stays(alice: User, porch: Group) -> None:
    with time_machine.travel("2026-03-04T12:00:00Z", tick=False) as clock:
        client = signed_in(alice)
        check_in = make_check_in(alice, porch, **EXTRAS)
        before = data_of(client.get(url(check_in)))
        clock.shift(600)
        changed = data_of(client.put(url(check_in), {"productive": 3, "care": 1}))

    assert changed == {
        **before,
        "productive": 3,
        "care": 1,
        "huCaresScore": 15,
        "updatedAt": "2026-03-04T12:10:00Z",
    }
    assert (before["huCaresScore"], CheckIn.objects.get().hu_cares_score) == (12, 15)


def test_everything_but_the_group_can_be_changed(alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    body = {
        "productive": 1,
        "satisfied": 2,
        "body": 3,
        "care": 4,
        "reflectionNote": "Better now.",
        "moodEmoji": "🌤️",
        "energyLevel": 5,
        "isPrivate": True,
    }
    changed = data_of(signed_in(alice).put(url(check_in), body))

    assert {name: changed[name] for name in body} == body
    assert (changed["huCaresScore"], changed["hidden"]) == (2, False)


def test_it_is_one_event_of_the_group_and_no_news_for_the_friends(alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    _, group, person, _ = everything(check_in)
    data_of(signed_in(alice).put(url(check_in), {"productive": 3}))

    _, group_after, person_after, events = everything(check_in)
    assert events == ["friend-checked-in", "check-in-updated"]
    assert Notification.objects.count() == 1
    assert group_after == {"version": group["version"] + 1, "total_check_ins": 1}
    assert person_after == {"version": person["version"] + 1}


def test_null_clears_what_is_optional(alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch, **EXTRAS)
    nothing = {"reflectionNote": None, "moodEmoji": None, "energyLevel": None}

    changed = data_of(signed_in(alice).put(url(check_in), nothing))
    assert {name: changed[name] for name in nothing} == nothing
    assert changed["productive"] == 8


@pytest.mark.parametrize("body", [{}, {"productive": 8, "isPrivate": False, "reflectionNote": "Slow."}])
def test_what_changes_nothing_leaves_no_trace(alice: User, porch: Group, body: dict[str, Any]) -> None:
    check_in = make_check_in(alice, porch, **EXTRAS)
    before = everything(check_in)

    assert data_of(signed_in(alice).put(url(check_in), body))["huCaresScore"] == 12
    assert everything(check_in) == before


def test_the_group_and_all_that_is_not_writable_is_ignored(alice: User, bob: User, porch: Group) -> None:
    garden = make_group(alice, name="The Garden")
    check_in = make_check_in(alice, porch)
    before = everything(check_in)
    fields = {
        "groupId": str(garden.pk),
        "id": str(uuid4()),
        "userId": str(bob.pk),
        "huCaresScore": 29,
        "weekStartDate": "2020-01-06",
        "submittedAt": "2020-01-06T00:00:00Z",
        "hidden": True,
        "surprise": [1],
    }
    data_of(signed_in(alice).put(url(check_in), fields))
    data_of(signed_in(alice).put(url(check_in), {"groupId": 7}))

    assert everything(check_in) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("productive", 0),
        ("satisfied", 11),
        ("body", "7"),
        ("care", None),
        ("reflectionNote", "x" * 2001),
        ("moodEmoji", "x"),
        ("energyLevel", 6),
        ("isPrivate", None),
        ("isPrivate", 1),
    ],
)
def test_what_does_not_fit_is_refused_by_name(alice: User, porch: Group, name: str, value: Any) -> None:
    check_in = make_check_in(alice, porch)
    before = everything(check_in)

    assert refused_fields(signed_in(alice).put(url(check_in), {"satisfied": 1, name: value})) == {name}
    assert everything(check_in) == before


def test_it_is_open_until_the_instant_at_which_its_period_closes(alice: User, porch: Group) -> None:
    with time_machine.travel("2026-03-08T23:59:59Z", tick=False) as clock:
        client = signed_in(alice)
        check_in = make_check_in(alice, porch)
        data_of(client.put(url(check_in), {"productive": 3}))
        before = everything(check_in)
        clock.shift(1)

        refusal_of(client.put(url(check_in), {"productive": 4}), 422, "CHECKIN_WINDOW_CLOSED")
    assert everything(check_in) == before


def test_that_of_a_friend_gets_the_answer_of_one_that_does_not_exist(alice: User, bob: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    before = everything(check_in)
    client = signed_in(bob)

    friends = refusal_of(client.put(url(check_in), {"productive": 1}), 404, "NOT_FOUND")
    assert friends == refusal_of(client.put(f"/api/v1/checkins/{uuid4()}", {"productive": 1}), 404, "NOT_FOUND")
    assert everything(check_in) == before


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_who_has_left_still_reads_it_and_may_not_change_it(alice: User, porch: Group, status: Status) -> None:
    check_in = make_check_in(alice, porch)
    Membership.objects.filter(user=alice).update(status=status)
    before = everything(check_in)
    client = signed_in(alice)

    refusal_of(client.put(url(check_in), {"productive": 1}), 404, "NOT_FOUND")
    assert everything(check_in) == before
    assert data_of(client.get(url(check_in)))["productive"] == 8


def test_in_a_group_that_has_ended_nothing_is_changed(alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    Group.objects.update(is_active=False)
    before = everything(check_in)

    refusal_of(signed_in(alice).put(url(check_in), {"productive": 1}), 404, "NOT_FOUND")
    assert everything(check_in) == before


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)

    refusal_of(anonymous.put(url(check_in), {"productive": 1}), 401, "NOT_AUTHENTICATED")
    assert CheckIn.objects.get().productive_score == 8
