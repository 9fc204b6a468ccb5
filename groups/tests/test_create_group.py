"""POST /groups."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.models import Group, Membership, MembershipSpan
from hucares.tests.answers import data_of, refusal_of, refused_fields

URL = "/api/v1/groups"


@time_machine.travel("2026-03-04T12:00:00Z", tick=False)
def test_it_founds_a_group_with_the_caller_as_its_admin(alice: User) -> None:
    group = data_of(signed_in(alice).post(URL, {"name": "  The Porch "}), 201)

    stored = Group.objects.get()
    assert group == {
        "id": str(stored.pk),
        "name": "The Porch",
        "description": None,
        "accessCode": stored.access_code,
        "isPrivate": True,
        "maxMembers": 20,
        "allowMemberInvite": True,
        "checkInFrequency": "weekly",
        "timezone": "UTC",
        "createdBy": str(alice.pk),
        "createdAt": "2026-03-04T12:00:00Z",
        "updatedAt": "2026-03-04T12:00:00Z",
        "isActive": True,
        "memberCount": 1,
        "totalCheckIns": 0,
        "averageParticipationRate": 0,
        "myRole": "admin",
        "currentPeriod": {"start": "2026-03-02", "end": "2026-03-08", "endsAt": "2026-03-09T00:00:00Z"},
    }
    membership = Membership.objects.get()
    assert (membership.user, membership.role, membership.status) == (alice, "admin", "active")
    span = MembershipSpan.objects.get()
    assert (span.membership, span.joined_at, span.left_at) == (membership, membership.joined_at, None)


@time_machine.travel("2026-03-04T12:00:00Z", tick=False)
def test_every_setting_is_taken(alice: User) -> None:
    settings = {
        "name": "Früh & spät 🌅",
        "description": "",
        "isPrivate": False,
        "maxMembers": 2,
        "allowMemberInvite": False,
        "checkInFrequency": "daily",
        "timezone": "Pacific/Kiritimati",
    }
    group = data_of(signed_in(alice).post(URL, settings), 201)

    assert {name: group[name] for name in settings} == settings
    assert group["currentPeriod"] == {"start": "2026-03-05", "end": "2026-03-05", "endsAt": "2026-03-05T10:00:00Z"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 101),
        ("name", None),
        ("name", 5),
        ("name", "nul\x00"),
        ("name", "two\nlines"),
        ("name", "two\rlines"),
        ("description", "x" * 1001),
        ("description", 5),
        ("isPrivate", "true"),
        ("isPrivate", None),
        ("maxMembers", 1),
        ("maxMembers", 101),
        ("maxMembers", "20"),
        ("maxMembers", 20.5),
        ("maxMembers", True),
        ("maxMembers", None),
        ("allowMemberInvite", 1),
        ("checkInFrequency", "monthly"),
        ("checkInFrequency", None),
        ("checkInFrequency", ["daily"]),
        ("timezone", "Mars/Olympus"),
        ("timezone", None),
    ],
)
def test_what_does_not_fit_is_refused_by_name(alice: User, field: str, value: Any) -> None:
    assert refused_fields(signed_in(alice).post(URL, {"name": "The Porch", field: value})) == {field}
    assert not Group.objects.exists()


def test_a_name_is_needed(alice: User) -> None:
    assert refused_fields(signed_in(alice).post(URL, {})) == {"name"}
    assert not Group.objects.exists()


def test_read_only_keys_are_ignored(alice: User, bob: User) -> None:
    body = {
        "name": "The Porch",
        "id": "018f0000-0000-7000-8000-000000000000",
        "accessCode": "AAAAAAAA",
        "createdBy": str(bob.pk),
        "memberCount": 50,
        "totalCheckIns": 50,
        "averageParticipationRate": 1,
        "isActive": False,
        "myRole": "member",
    }
    group = data_of(signed_in(alice).post(URL, body), 201)

    assert group["createdBy"] == str(alice.pk)
    assert (group["memberCount"], group["totalCheckIns"], group["averageParticipationRate"]) == (1, 0, 0)
    assert (group["isActive"], group["myRole"]) == (True, "admin")
    assert group["id"] != body["id"]
    assert group["accessCode"] != body["accessCode"]


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    refusal_of(anonymous.post(URL, {"name": "The Porch"}), 401, "NOT_AUTHENTICATED")
    assert not Group.objects.exists()
