"""Who hears of a check-in, and what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from checkins.tests.builders import make_check_in
from groups.members import join_group
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group
from hucares.tests.answers import data_of
from notifications.models import Notification


def hearers() -> set[str]:
    return set(Notification.objects.values_list("user__username", flat=True))


def test_the_other_members_hear_of_it_and_the_author_does_not(
    alice: User, bob: User, charlie: User, porch: Group
) -> None:
    join_group(user=charlie, access_code=porch.access_code)
    make_user("stranger")
    check_in = make_check_in(alice, porch)

    assert hearers() == {"bob", "charlie"}
    row = Notification.objects.get(user=bob)
    assert row.data == {
        "groupId": str(porch.pk),
        "groupName": "The Porch",
        "userId": str(alice.pk),
        "username": "alice",
        "checkInId": str(check_in.pk),
    }
    assert (row.type, row.title) == ("friend_check_in", "alice checked in")
    assert row.message == "alice has checked in to The Porch. Have a look at how it went."
    assert (row.is_read, row.read_at) == (False, None)
    assert row.expires_at - row.created_at == pytest.approx(timedelta(days=30), abs=timedelta(seconds=5))


def test_the_friend_finds_it_in_the_list(alice: User, bob: User, porch: Group) -> None:
    make_check_in(alice, porch)

    (row,) = data_of(signed_in(bob).get("/api/v1/notifications"))
    assert row.keys() == {"id", "type", "title", "message", "data", "isRead", "createdAt", "readAt", "expiresAt"}
    assert row["data"].keys() == {"groupId", "groupName", "userId", "username", "checkInId"}
    assert data_of(signed_in(alice).get("/api/v1/notifications")) == []


@pytest.mark.parametrize("is_private", [False, True])
def test_it_never_holds_a_number_or_a_note(alice: User, bob: User, porch: Group, is_private: bool) -> None:
    scores = {"productive_score": 10, "satisfied_score": 10, "body_score": 10, "care_score": 1}
    make_check_in(alice, porch, **scores, reflection_note="Between us.", is_private=is_private)

    row = Notification.objects.get()
    told = f"{row.title} {row.message} {row.data['groupName']} {row.data['username']}"
    assert not any(character.isdigit() for character in told)
    assert "Between us" not in told


def test_a_name_with_braces_stays_as_it_is(alice: User, bob: User) -> None:
    make_check_in(alice, make_group(alice, bob, name="{username} {0}"))

    assert Notification.objects.get().message.startswith("alice has checked in to {username} {0}.")


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_who_has_left_hears_nothing(alice: User, bob: User, porch: Group, status: Status) -> None:
    Membership.objects.filter(user=bob).update(status=status)
    make_check_in(alice, porch)

    assert hearers() == set()


def test_who_has_muted_the_group_hears_nothing(alice: User, bob: User, porch: Group) -> None:
    Membership.objects.filter(user=bob).update(notification_enabled=False)
    make_check_in(alice, porch)

    assert hearers() == set()


def test_an_inactive_person_hears_nothing(alice: User, bob: User, porch: Group) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    make_check_in(alice, porch)

    assert hearers() == set()


@pytest.mark.parametrize(
    ("preferences", "hears"),
    [
        ({"friendCheckIn": {"inApp": False}}, False),
        ({"friendCheckIn": {"inApp": False, "email": True, "push": True}}, False),
        ({"friendCheckIn": {"inApp": True}}, True),
        ({"friendCheckIn": {"push": False}}, True),
        ({"weeklyReminder": {"inApp": False}}, True),
        ({"quietHours": {"start": "00:00", "end": "23:59"}}, True),
        ({}, True),
    ],
)
def test_who_has_switched_it_off_hears_nothing(
    alice: User, bob: User, porch: Group, preferences: dict[str, Any], hears: bool
) -> None:
    User.objects.filter(pk=bob.pk).update(notification_preferences=preferences)
    make_check_in(alice, porch)

    assert hearers() == ({"bob"} if hears else set())


def test_a_change_of_a_check_in_is_no_news(alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    check_in.reflection_note = "On second thoughts."
    check_in.save()

    assert Notification.objects.count() == 1


def test_a_bigger_group_takes_no_more_statements(alice: User, bob: User, charlie: User) -> None:
    small = make_group(alice, bob, charlie)
    large = make_group(alice, bob, *(make_user(f"guest_{number}") for number in range(98)), max_members=100)
    statements = []
    for group in (small, large):
        with CaptureQueriesContext(connection) as captured:
            make_check_in(alice, group)
        statements.append(len(captured))
        assert len([query for query in captured if 'INSERT INTO "notifications"' in query["sql"]]) == 1

    assert Notification.objects.count() == 2 + 99
    assert statements[0] == statements[1]
