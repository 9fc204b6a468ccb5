"""GET /notifications."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from hucares.tests.answers import data_of, refusal_of, refused_fields
from notifications.tests.builders import make_notification

URL = "/api/v1/notifications"


def titles(client: APIClient, **query: Any) -> list[str]:
    return [row["title"] for row in data_of(client.get(URL, query))]


def unread_count(client: APIClient, **query: Any) -> int:
    return int(client.get(URL, query).json()["meta"]["unreadCount"])


@time_machine.travel("2026-03-04T12:00:00Z", tick=False)
def test_a_notification_is_shown_whole(alice: User) -> None:
    row = make_notification(alice, data={"groupName": "The Porch"})

    assert data_of(signed_in(alice).get(URL)) == [
        {
            "id": str(row.pk),
            "type": "friend_check_in",
            "title": "News",
            "message": "Something happened.",
            "data": {"groupName": "The Porch"},
            "isRead": False,
            "createdAt": "2026-03-04T12:00:00Z",
            "readAt": None,
            "expiresAt": "2026-04-03T12:00:00Z",
        }
    ]


def test_they_are_the_callers_own_the_newest_first(alice: User, bob: User) -> None:
    now = timezone.now()
    for title, minutes in (("second", 2), ("third", 3), ("first", 1)):
        make_notification(alice, title=title, created_at=now - timedelta(minutes=minutes))
    make_notification(bob, title="Bob's")

    assert titles(signed_in(alice)) == ["first", "second", "third"]


def test_unread_tells_read_from_unread(alice: User) -> None:
    make_notification(alice, title="new")
    make_notification(alice, title="old", is_read=True, read_at=timezone.now())
    client = signed_in(alice)

    assert titles(client, unread="true") == ["new"]
    assert titles(client, unread="false") == ["old"]
    assert sorted(titles(client)) == ["new", "old"]


def test_type_chooses_a_kind(alice: User) -> None:
    make_notification(alice, title="friend")
    make_notification(alice, title="reminder", type="weekly_reminder")
    client = signed_in(alice)

    assert titles(client, type="weekly_reminder") == ["reminder"]
    assert titles(client, type="group_invitation") == []
    assert titles(client, type="friend_check_in", unread="true") == ["friend"]


def test_expired_ones_are_left_out_and_not_counted(alice: User) -> None:
    now = timezone.now()
    make_notification(alice, title="expired", expires_at=now - timedelta(seconds=1))
    make_notification(alice, title="for ever", expires_at=None)
    client = signed_in(alice)

    assert titles(client) == ["for ever"]
    assert unread_count(client) == 1
    with time_machine.travel(now + timedelta(days=400)):
        assert titles(signed_in(alice)) == ["for ever"]


def test_all_unread_ones_are_counted_whatever_the_page_and_the_filter(alice: User, bob: User) -> None:
    for _ in range(3):
        make_notification(alice)
    make_notification(alice, is_read=True, type="weekly_reminder")
    make_notification(bob)
    client = signed_in(alice)

    assert unread_count(client) == 3
    assert unread_count(client, limit=1, page=9) == 3
    assert unread_count(client, unread="false") == 3
    assert unread_count(client, type="weekly_reminder") == 3


def test_it_comes_in_pages(alice: User) -> None:
    for number in range(5):
        make_notification(alice, title=str(number))
    client = signed_in(alice)

    answer = client.get(URL, {"limit": 2, "page": 3}).json()
    assert [row["title"] for row in answer["data"]] == ["0"]
    assert answer["meta"]["pagination"] == {"page": 3, "limit": 2, "total": 5, "totalPages": 3}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("unread", "1"),
        ("unread", "True"),
        ("unread", "no"),
        ("type", "spam"),
        ("type", "\x00"),
        ("limit", "0"),
        ("limit", "101"),
        ("page", "0"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(alice: User, name: str, value: str) -> None:
    assert refused_fields(signed_in(alice).get(URL, {name: value})) == {name}


def test_more_rows_take_no_more_statements(alice: User) -> None:
    client = signed_in(alice)
    statements = []
    for expected in (2, 12):
        while alice.notifications.count() < expected:
            make_notification(alice)
        client.get(URL)
        with CaptureQueriesContext(connection) as captured:
            assert len(data_of(client.get(URL))) == expected
        statements.append(len(captured))

    assert statements[0] == statements[1]


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    refusal_of(anonymous.get(URL), 401, "NOT_AUTHENTICATED")
