"""GET /users/profile."""

from __future__ import annotations

import re

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from hucares.tests.answers import data_of, refusal_of

URL = "/api/v1/users/profile"


def test_it_is_the_whole_profile_and_nothing_else(alice: User) -> None:
    profile = data_of(signed_in(alice).get(URL))

    instants = [profile.pop("createdAt"), profile.pop("lastActiveAt")]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", instant) for instant in instants)
    assert profile == {
        "id": str(alice.pk),
        "username": "alice",
        "email": "alice@example.com",
        "emailVerified": False,
        "avatarUrl": None,
        "timezone": "UTC",
        "role": "user",
        "notificationPreferences": {
            "friendCheckIn": {"inApp": True, "email": False, "push": True},
            "groupInvitation": {"inApp": True, "email": True, "push": True},
            "weeklyReminder": {"inApp": True, "email": True, "push": True},
            "quietHours": None,
        },
        "privacySettings": {"profile": "friends", "scores": "group", "modelInsights": False},
        "lastLoginAt": None,
    }


@pytest.mark.django_db
def test_what_was_chosen_is_answered_among_the_defaults() -> None:
    quiet = {"start": "22:00", "end": "07:00"}
    carol = make_user(
        "carol",
        notification_preferences={"friendCheckIn": {"inApp": False}, "quietHours": quiet},
        privacy_settings={"scores": "private"},
    )
    profile = data_of(signed_in(carol).get(URL))

    preferences = profile["notificationPreferences"]
    assert preferences["friendCheckIn"] == {"inApp": False, "email": False, "push": True}
    assert preferences["groupInvitation"] == {"inApp": True, "email": True, "push": True}
    assert preferences["quietHours"] == quiet
    assert profile["privacySettings"] == {"profile": "friends", "scores": "private", "modelInsights": False}


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    refusal_of(anonymous.get(URL), 401, "NOT_AUTHENTICATED")
