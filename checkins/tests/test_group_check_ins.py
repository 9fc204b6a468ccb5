"""GET /checkins/group/:id."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from checkins.models import CheckIn
from checkins.serializers import KEPT_FROM_OTHERS
from checkins.tests.builders import make_check_in
from groups.members import join_group
from groups.models import Group, Membership, Status
from hucares.tests.answers import data_of, refusal_of, refused_fields

EXTRAS = {"reflection_note": "Between us.", "mood_emoji": "🙂", "energy_level": 3}


def url(group: Group) -> str:
    return f"/api/v1/checkins/group/{group.pk}"


def names(client: APIClient, group: Group, **query: Any) -> list[tuple[str, int]]:
    """(user id, score) of each row."""
    return [(row["userId"], row["huCaresScore"]) for row in data_of(client.get(url(group), query))]


def test_members_see_each_others_check_ins_the_newest_first(alice: User, bob: User, porch: Group) -> None:
    make_check_in(alice, porch, **EXTRAS)
    make_check_in(bob, porch, care_score=1)

    first, second = data_of(signed_in(bob).get(url(porch)))

    assert (first["userId"], first["huCaresScore"], first["hidden"]) == (str(bob.pk), 20, False)
    assert (second["userId"], second["huCaresScore"], second["hidden"]) == (str(alice.pk), 12, False)
    assert (second["reflectionNote"], second["moodEmoji"], second["energyLevel"]) == ("Between us.", "🙂", 3)


def test_it_shows_the_open_period_unless_told_otherwise(alice: User, bob: User, porch: Group) -> None:
    with time_machine.travel("2026-03-03T12:00:00Z", tick=False):
        make_check_in(alice, porch)
    with time_machine.travel("2026-03-10T12:00:00Z", tick=False):
        make_check_in(bob, porch)
        client = signed_in(alice)
        assert names(client, porch) == [(str(bob.pk), 12)]
        assert names(client, porch, period="2026-03-09") == names(client, porch, period="2026-03-15")
        assert names(client, porch, period="2026-03-02") == [(str(alice.pk), 12)]
        assert names(client, porch, period="2026-03-08") == [(str(alice.pk), 12)]
        assert names(client, porch, period="2026-03-01") == []


def test_it_is_narrowed_to_one_person(alice: User, bob: User, charlie: User, porch: Group) -> None:
    make_check_in(alice, porch)
    make_check_in(bob, porch)
    client = signed_in(alice)

    assert names(client, porch, userId=str(bob.pk)) == [(str(bob.pk), 12)]
    assert names(client, porch, userId=str(charlie.pk)) == []


def assert_hidden_from_others(check_in: CheckIn) -> None:
    (others_row,) = data_of(signed_in(User.objects.get(username="bob")).get(url(check_in.group)))
    (own_row,) = data_of(signed_in(check_in.user).get(url(check_in.group)))
    assert others_row.pop("hidden") is True
    assert own_row.pop("hidden") is False
    assert {others_row.pop(name) for name in KEPT_FROM_OTHERS} == {None}
    assert None not in {own_row.pop(name) for name in KEPT_FROM_OTHERS}
    assert others_row == own_row
    assert (own_row["id"], own_row["userId"]) == (str(check_in.pk), str(check_in.user_id))


def test_what_is_kept_from_others_is_all_that_was_answered() -> None:
    assert set(KEPT_FROM_OTHERS) == {
        "productive",
        "satisfied",
        "body",
        "care",
        "huCaresScore",
        "reflectionNote",
        "moodEmoji",
        "energyLevel",
    }


def test_a_private_check_in_shows_others_only_that_it_happened(alice: User, porch: Group) -> None:
    assert_hidden_from_others(make_check_in(alice, porch, is_private=True, **EXTRAS))


def test_so_do_all_those_of_somebody_who_keeps_scores_private(alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch, **EXTRAS)
    User.objects.filter(pk=alice.pk).update(privacy_settings={"scores": "private"})

    assert_hidden_from_others(CheckIn.objects.get(pk=check_in.pk))


@pytest.mark.parametrize("period", ["yesterday", "2026-02-30", "0001-01-01", "9999-12-31", "\x00"])
def test_a_period_that_is_no_day_of_ours_is_refused(alice: User, porch: Group, period: str) -> None:
    assert refused_fields(signed_in(alice).get(url(porch), {"period": period})) == {"period"}


@pytest.mark.parametrize("user_id", ["bob", "7", "\x00"])
def test_what_is_no_id_is_refused(alice: User, porch: Group, user_id: str) -> None:
    assert refused_fields(signed_in(alice).get(url(porch), {"userId": user_id})) == {"userId"}


def test_an_outsider_gets_the_answer_of_a_group_that_does_not_exist(alice: User, charlie: User, porch: Group) -> None:
    make_check_in(alice, porch)
    client = signed_in(charlie)

    outside = refusal_of(client.get(url(porch)), 404, "NOT_FOUND")
    assert outside == refusal_of(client.get(f"/api/v1/checkins/group/{uuid4()}"), 404, "NOT_FOUND")


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_who_has_left_does_not_see_them(alice: User, bob: User, porch: Group, status: Status) -> None:
    make_check_in(alice, porch)
    Membership.objects.filter(user=bob).update(status=status)

    refusal_of(signed_in(bob).get(url(porch)), 404, "NOT_FOUND")


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_those_of_somebody_who_has_left_stay(alice: User, bob: User, porch: Group, status: Status) -> None:
    make_check_in(bob, porch)
    Membership.objects.filter(user=bob).update(status=status)

    assert names(signed_in(alice), porch) == [(str(bob.pk), 12)]


def test_nobody_sees_those_of_an_archived_group(alice: User, porch: Group) -> None:
    Group.objects.update(is_active=False)

    refusal_of(signed_in(alice).get(url(porch)), 404, "NOT_FOUND")


def test_more_rows_take_no_more_statements(alice: User, porch: Group) -> None:
    client = signed_in(alice)
    make_check_in(alice, porch)
    statements = []
    for number in range(11):
        guest = make_user(f"guest_{number}")
        join_group(user=guest, access_code=porch.access_code)
        make_check_in(guest, porch)
        if number in {0, 10}:
            client.get(url(porch))
            with CaptureQueriesContext(connection) as captured:
                assert len(data_of(client.get(url(porch)))) == number + 2
            statements.append(len(captured))

    assert statements[0] == statements[1]


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    refusal_of(anonymous.get(url(porch)), 401, "NOT_AUTHENTICATED")
