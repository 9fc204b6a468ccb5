"""POST /checkins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models.signals import post_save
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once

URL = "/api/v1/checkins"
SCORES = {"productive": 8, "satisfied": 7, "body": 6, "care": 9}

# The rooms above are asked by name: they may not be imported from here.
Notification = apps.get_model("notifications", "Notification")
GroupEvent = apps.get_model("realtime", "GroupEvent")


def body_for(group: Group, **fields: Any) -> dict[str, Any]:
    return {"groupId": str(group.pk), **SCORES, **fields}


def traces(group: Group) -> dict[str, int]:
    """Everything that a check-in leaves behind, counted."""
    group.refresh_from_db()
    return {
        "rows": CheckIn.objects.filter(group=group).count(),
        "counted": group.total_check_ins,
        "notifications": Notification.objects.count(),
        "events": GroupEvent.objects.filter(group=group).count(),
    }


NOTHING = {"rows": 0, "counted": 0, "notifications": 0, "events": 0}
ONE = {"rows": 1, "counted": 1, "notifications": 1, "events": 1}


@time_machine.travel("2026-03-04T12:00:00Z", tick=False)
def test_it_saves_the_answers_and_tells_the_friends(alice: User, porch: Group) -> None:
    check_in = data_of(signed_in(alice).post(URL, body_for(porch)), 201)

    assert check_in.pop("id") == str(CheckIn.objects.get().pk)
    assert check_in == {
        "userId": str(alice.pk),
        "groupId": str(porch.pk),
        "weekStartDate": "2026-03-02",
        "checkInDate": "2026-03-04T12:00:00Z",
        **SCORES,
        "huCaresScore": 12,
        "reflectionNote": None,
        "moodEmoji": None,
        "energyLevel": None,
        "isPrivate": False,
        "submittedAt": "2026-03-04T12:00:00Z",
        "updatedAt": "2026-03-04T12:00:00Z",
        "hidden": False,
    }
    assert traces(porch) == ONE


def test_everything_optional_is_kept(alice: User, porch: Group) -> None:
    extras = {"reflectionNote": "Zäh, aber gut.", "moodEmoji": "🌤️", "energyLevel": 4, "isPrivate": True}
    check_in = data_of(signed_in(alice).post(URL, body_for(porch, **extras)), 201)

    assert {name: check_in[name] for name in extras} == extras
    assert check_in["hidden"] is False


@pytest.mark.parametrize(
    ("scores", "total"),
    [
        ({"productive": 10, "satisfied": 10, "body": 10, "care": 1}, 29),
        ({"productive": 1, "satisfied": 1, "body": 1, "care": 10}, -7),
    ],
)
def test_the_score_is_the_sum_without_the_care(alice: User, porch: Group, scores: dict[str, int], total: int) -> None:
    assert data_of(signed_in(alice).post(URL, body_for(porch, **scores)), 201)["huCaresScore"] == total
    assert CheckIn.objects.get().hu_cares_score == total


@pytest.mark.parametrize(
    ("frequency", "first_day"), [("daily", "2026-03-09"), ("weekly", "2026-03-09"), ("biweekly", "2026-03-09")]
)
def test_the_period_is_the_one_of_the_groups_zone(alice: User, frequency: str, first_day: str) -> None:
    group = make_group(alice, timezone="Pacific/Kiritimati", check_in_frequency=frequency)
    with time_machine.travel("2026-03-08T10:30:00Z", tick=False):  # there it is Monday already
        assert data_of(signed_in(alice).post(URL, body_for(group)), 201)["weekStartDate"] == first_day


@pytest.mark.parametrize("name", ["productive", "satisfied", "body", "care"])
@pytest.mark.parametrize("value", [0, 11, -1, "7", 7.5, 7.0, True, None, [7], {}, 10**30])
def test_a_score_is_a_whole_number_from_one_to_ten(alice: User, porch: Group, name: str, value: Any) -> None:
    assert refused_fields(signed_in(alice).post(URL, body_for(porch, **{name: value}))) == {name}
    assert traces(porch) == NOTHING


@pytest.mark.parametrize("name", ["groupId", "productive", "satisfied", "body", "care"])
def test_what_is_missing_is_refused_by_name(alice: User, porch: Group, name: str) -> None:
    body = body_for(porch)
    del body[name]

    assert refused_fields(signed_in(alice).post(URL, body)) == {name}
    assert traces(porch) == NOTHING


def test_all_that_is_wrong_is_told_at_once(alice: User, porch: Group) -> None:
    body = body_for(porch, productive=0, care=None, energyLevel=6)

    assert refused_fields(signed_in(alice).post(URL, body)) == {"productive", "care", "energyLevel"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("groupId", "porch"),
        ("groupId", 7),
        ("groupId", None),
        ("reflectionNote", "x" * 2001),
        ("reflectionNote", 5),
        ("reflectionNote", "nul\x00"),
        ("moodEmoji", "x"),
        ("moodEmoji", ""),
        ("moodEmoji", ":)"),
        ("moodEmoji", "7"),
        ("moodEmoji", "🙂🙂"),
        ("moodEmoji", "🙂!"),
        ("moodEmoji", 5),
        ("energyLevel", 0),
        ("energyLevel", 6),
        ("energyLevel", "3"),
        ("energyLevel", 2.5),
        ("energyLevel", True),
        ("isPrivate", "yes"),
        ("isPrivate", 1),
        ("isPrivate", None),
    ],
)
def test_what_does_not_fit_is_refused_by_name(alice: User, porch: Group, name: str, value: Any) -> None:
    assert refused_fields(signed_in(alice).post(URL, body_for(porch, **{name: value}))) == {name}
    assert traces(porch) == NOTHING


@pytest.mark.parametrize("mood", ["🙂", "👍🏽", "❤️", "👨‍👩‍👧‍👦", "👩🏽‍❤️‍💋‍👨🏿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇩🇪", None])
def test_an_emoji_may_be_made_of_many_characters(alice: User, porch: Group, mood: str | None) -> None:
    assert data_of(signed_in(alice).post(URL, body_for(porch, moodEmoji=mood)), 201)["moodEmoji"] == mood
    assert CheckIn.objects.get().mood_emoji == mood


@pytest.mark.parametrize("note", ["x" * 2000, "", None])
def test_a_note_may_be_long_or_nothing(alice: User, porch: Group, note: str | None) -> None:
    assert data_of(signed_in(alice).post(URL, body_for(porch, reflectionNote=note)), 201)["reflectionNote"] == note


def test_unknown_and_read_only_keys_are_ignored(alice: User, bob: User, porch: Group) -> None:
    fields = {
        "id": str(uuid4()),
        "userId": str(bob.pk),
        "user": str(bob.pk),
        "huCaresScore": 29,
        "weekStartDate": "2020-01-06",
        "checkInDate": "2020-01-06T00:00:00Z",
        "submittedAt": "2020-01-06T00:00:00Z",
        "updatedAt": "2020-01-06T00:00:00Z",
        "productive_score": 1,
        "hidden": True,
        "surprise": {"deep": [1]},
    }
    check_in = data_of(signed_in(alice).post(URL, body_for(porch, **fields)), 201)

    assert (check_in["userId"], check_in["huCaresScore"], check_in["productive"]) == (str(alice.pk), 12, 8)
    assert (check_in["hidden"], "surprise" in check_in) == (False, False)
    for name in ("id", "weekStartDate", "checkInDate", "submittedAt", "updatedAt"):
        assert check_in[name] != fields[name]


def test_an_outsider_gets_the_answer_of_a_group_that_does_not_exist(charlie: User, porch: Group) -> None:
    client = signed_in(charlie)

    outside = refusal_of(client.post(URL, body_for(porch)), 404, "NOT_FOUND")
    nowhere = refusal_of(client.post(URL, body_for(porch, groupId=str(uuid4()))), 404, "NOT_FOUND")
    assert outside == nowhere
    assert traces(porch) == NOTHING


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_who_has_left_is_refused(bob: User, porch: Group, status: Status) -> None:
    Membership.objects.filter(user=bob).update(status=status)

    refusal_of(signed_in(bob).post(URL, body_for(porch)), 404, "NOT_FOUND")
    assert traces(porch) == NOTHING


def test_an_archived_group_is_not_found(alice: User, porch: Group) -> None:
    Group.objects.update(is_active=False)

    refusal_of(signed_in(alice).post(URL, body_for(porch)), 404, "NOT_FOUND")
    assert traces(porch) == NOTHING


def test_a_second_one_in_the_period_is_refused_and_names_the_first(alice: User, porch: Group) -> None:
    first = make_check_in(alice, porch)

    error = refusal_of(signed_in(alice).post(URL, body_for(porch, productive=1)), 409, "DUPLICATE_CHECKIN")
    assert error["details"] == {"checkInId": str(first.pk)}
    assert traces(porch) == ONE
    assert CheckIn.objects.get().productive_score == 8


def test_the_next_period_and_another_group_are_free(alice: User, porch: Group) -> None:
    with time_machine.travel("2026-03-08T23:59:59Z", tick=False):
        data_of(signed_in(alice).post(URL, body_for(porch)), 201)
        data_of(signed_in(alice).post(URL, body_for(make_group(alice))), 201)
    with time_machine.travel("2026-03-09T00:00:00Z", tick=False):
        data_of(signed_in(alice).post(URL, body_for(porch)), 201)

    assert traces(porch)["rows"] == traces(porch)["counted"] == 2


@pytest.mark.parametrize(("earlier", "later"), [("daily", "weekly"), ("weekly", "daily"), ("weekly", "biweekly")])
def test_a_period_that_overlaps_one_of_an_earlier_frequency_is_taken(
    alice: User, bob: User, earlier: str, later: str
) -> None:
    group = make_group(alice, bob, check_in_frequency=earlier)
    with time_machine.travel("2026-03-03T12:00:00Z", tick=False) as clock:
        first = make_check_in(alice, group)
        Group.objects.update(check_in_frequency=later)
        clock.shift(24 * 3600)

        error = refusal_of(signed_in(alice).post(URL, body_for(group)), 409, "DUPLICATE_CHECKIN")
    assert error["details"] == {"checkInId": str(first.pk)}
    assert traces(group) == ONE


def test_the_database_refuses_a_second_row_of_one_period(alice: User, porch: Group) -> None:
    first = make_check_in(alice, porch)
    first.pk = None
    first._state.adding = True

    with pytest.raises(IntegrityError), transaction.atomic():
        first.save()
    assert traces(porch) == ONE


@pytest.mark.django_db(transaction=True)
def test_of_twenty_submitted_at_once_one_is_saved(alice: User, porch: Group) -> None:
    client = signed_in(alice)
    client.get("/api/v1/users/profile")

    answers = at_once(20, lambda number: client.post(URL, body_for(porch, reflectionNote=str(number))))

    saved = [data_of(answer, 201) for answer in answers if answer.status_code == 201]
    assert len(saved) == 1
    refused = [refusal_of(answer, 409, "DUPLICATE_CHECKIN") for answer in answers if answer.status_code != 201]
    assert len(refused) == 19
    assert all(error["details"] == {"checkInId": saved[0]["id"]} for error in refused)
    assert traces(porch) == ONE


@pytest.fixture
def failing_receiver() -> Iterator[None]:
    """A receiver of new check-ins that fails, after the others have run."""

    def fail(**kwargs: Any) -> None:
        raise RuntimeError("a receiver failed")

    post_save.connect(fail, sender=CheckIn)
    yield
    post_save.disconnect(fail, sender=CheckIn)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("failing_receiver")
def test_a_receiver_that_fails_takes_everything_back(alice: User, porch: Group) -> None:
    client = signed_in(alice, raise_request_exception=False)

    error = refusal_of(client.post(URL, body_for(porch)), 500, "INTERNAL_ERROR")
    assert "receiver" not in error["message"]
    assert traces(porch) == NOTHING


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    refusal_of(anonymous.post(URL, body_for(porch)), 401, "NOT_AUTHENTICATED")
    assert traces(porch) == NOTHING
