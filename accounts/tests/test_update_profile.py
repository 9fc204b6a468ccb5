"""PUT /users/profile."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.models import Group
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import behind_lock

URL = "/api/v1/users/profile"


def test_what_is_sent_changes_and_the_rest_stays(alice: User) -> None:
    profile = data_of(signed_in(alice).put(URL, {"timezone": "Europe/Berlin"}))
    assert (profile["timezone"], profile["username"]) == ("Europe/Berlin", "alice")

    profile = data_of(signed_in(alice).put(URL, {"username": "Alice_2"}))
    assert (profile["timezone"], profile["username"]) == ("Europe/Berlin", "Alice_2")
    alice.refresh_from_db()
    assert (alice.username, alice.version) == ("Alice_2", 2)


def test_preferences_are_merged_and_stored_sparse(alice: User) -> None:
    client = signed_in(alice)
    client.put(URL, {"notificationPreferences": {"friendCheckIn": {"email": True}}})
    quiet = {"start": "22:00", "end": "07:00"}
    whole = data_of(
        client.put(URL, {"notificationPreferences": {"friendCheckIn": {"push": False}, "quietHours": quiet}})
    )["notificationPreferences"]

    assert whole["friendCheckIn"] == {"inApp": True, "email": True, "push": False}
    assert whole["weeklyReminder"] == {"inApp": True, "email": True, "push": True}
    assert whole["quietHours"] == quiet
    alice.refresh_from_db()
    assert alice.notification_preferences == {"friendCheckIn": {"email": True, "push": False}, "quietHours": quiet}

    cleared = data_of(client.put(URL, {"notificationPreferences": {"quietHours": None}}))
    assert cleared["notificationPreferences"]["quietHours"] is None


def test_privacy_settings_are_merged_and_count_as_a_change_of_the_persons_groups(alice: User, porch: Group) -> None:
    profile = data_of(signed_in(alice).put(URL, {"privacySettings": {"scores": "private"}}))

    assert profile["privacySettings"] == {"profile": "friends", "scores": "private", "modelInsights": False}
    assert Group.objects.get(pk=porch.pk).version == porch.version + 1


def test_other_changes_do_not_count_as_a_change_of_groups(alice: User, porch: Group) -> None:
    data_of(signed_in(alice).put(URL, {"timezone": "Asia/Kolkata"}))
    assert Group.objects.get(pk=porch.pk).version == porch.version


def test_an_empty_body_changes_nothing(alice: User) -> None:
    assert data_of(signed_in(alice).put(URL, {}))["username"] == "alice"


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"username": "al"}, "username"),
    ({"username": "a" * 21}, "username"),
    ({"username": "al ice"}, "username"),
    ({"username": None}, "username"),
    ({"timezone": "Mars/Olympus"}, "timezone"),
    ({"timezone": 3}, "timezone"),
    ({"notificationPreferences": {"friendCheckin": {}}}, "notificationPreferences.friendCheckin"),
    ({"notificationPreferences": {"friendCheckIn": {"sms": True}}}, "notificationPreferences.friendCheckIn.sms"),
    ({"notificationPreferences": {"friendCheckIn": {"email": "yes"}}}, "notificationPreferences.friendCheckIn.email"),
    ({"notificationPreferences": {"friendCheckIn": None}}, "notificationPreferences.friendCheckIn"),
    ({"notificationPreferences": {"quietHours": {"start": "22:00"}}}, "notificationPreferences.quietHours.end"),
    (
        {"notificationPreferences": {"quietHours": {"start": "24:00", "end": "07:00"}}},
        "notificationPreferences.quietHours.start",
    ),
    ({"notificationPreferences": []}, "notificationPreferences"),
    ({"privacySettings": {"profile": "everyone"}}, "privacySettings.profile"),
    ({"privacySettings": {"scores": True}}, "privacySettings.scores"),
    ({"privacySettings": {"modelInsights": 1}}, "privacySettings.modelInsights"),
    ({"privacySettings": {"secret": True}}, "privacySettings.secret"),
]


@pytest.mark.parametrize(("body", "field"), REFUSED)
def test_what_does_not_fit_is_refused_and_nothing_changes(alice: User, body: dict[str, Any], field: str) -> None:
    answer = signed_in(alice).put(URL, {"timezone": "Europe/Berlin", **body})

    assert refused_fields(answer) == {field}
    changed = User.objects.get(pk=alice.pk)
    assert (changed.username, changed.timezone, changed.version) == ("alice", "UTC", 0)
    assert changed.notification_preferences == {}


def test_a_taken_username_is_refused_without_regard_to_case(alice: User, bob: User) -> None:
    refusal_of(signed_in(alice).put(URL, {"username": "BOB"}), 409, "USERNAME_ALREADY_EXISTS")
    assert User.objects.get(pk=alice.pk).username == "alice"
    data_of(signed_in(alice).put(URL, {"username": "ALICE"}))


def test_read_only_keys_are_ignored(alice: User) -> None:
    body = {"email": "x@y.org", "emailVerified": True, "role": "admin", "isStaff": True, "id": "x", "avatarUrl": "x"}
    profile = data_of(signed_in(alice).put(URL, body))
    assert (profile["email"], profile["emailVerified"], profile["role"]) == ("alice@example.com", False, "user")
    assert User.objects.get(pk=alice.pk).avatar_url is None


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    refusal_of(anonymous.put(URL, {"username": "mallory"}), 401, "NOT_AUTHENTICATED")
    assert User.objects.get(pk=alice.pk).username == "alice"


@pytest.mark.needs_servers
@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_neither_is_lost(alice: User) -> None:
    client, mine = signed_in(alice), User.objects.filter(pk=alice.pk)
    chosen = {"notificationPreferences": {"weeklyReminder": {"push": False}}}
    data_of(client.get(URL))  # that somebody is active is noted once, and would wait for the lock as well

    answer = behind_lock(mine, lambda: mine.update(timezone="Asia/Tokyo"), lambda: client.put(URL, chosen)).result()

    assert data_of(answer)["timezone"] == "Asia/Tokyo"
    alice.refresh_from_db()
    assert alice.timezone == "Asia/Tokyo"
    assert alice.notification_preferences == chosen["notificationPreferences"]
