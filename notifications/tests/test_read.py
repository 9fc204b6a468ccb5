"""PUT /notifications/:id/read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from hucares.errors import NotFound
from hucares.tests.answers import data_of, refusal_of
from notifications.models import Notification
from notifications.services import mark_read
from notifications.signals import notifications_read
from notifications.tests.builders import make_notification


@pytest.fixture
def announced() -> Iterator[list[Any]]:
    """The ids of each announcement that notifications were read."""
    heard: list[Any] = []

    def hear(ids: Any, **kwargs: Any) -> None:
        heard.append(ids)

    notifications_read.connect(hear, sender=Notification)
    yield heard
    notifications_read.disconnect(hear, sender=Notification)


def url(notification: Notification) -> str:
    return f"/api/v1/notifications/{notification.pk}/read"


def is_unread(notification: Notification) -> bool:
    notification.refresh_from_db()
    return not notification.is_read and notification.read_at is None


@time_machine.travel("2026-03-04T12:00:00Z", tick=False)
def test_it_is_read_from_then_on(alice: User, announced: list[Any]) -> None:
    row, other = make_notification(alice), make_notification(alice)

    shown = data_of(signed_in(alice).put(url(row)))

    assert (shown["id"], shown["isRead"], shown["readAt"]) == (str(row.pk), True, "2026-03-04T12:00:00Z")
    assert Notification.objects.get(is_read=True) == row
    assert is_unread(other)
    assert announced == [[row.pk]]


def test_reading_it_again_changes_nothing(alice: User, announced: list[Any]) -> None:
    row = make_notification(alice)
    client = signed_in(alice)
    first = data_of(client.put(url(row)))

    assert data_of(client.put(url(row))) == first
    assert announced == [[row.pk]]


def test_that_of_somebody_else_gets_the_answer_of_one_that_does_not_exist(
    alice: User, bob: User, announced: list[Any]
) -> None:
    row = make_notification(alice)
    client = signed_in(bob)

    others = refusal_of(client.put(url(row)), 404, "NOT_FOUND")
    assert others == refusal_of(client.put(f"/api/v1/notifications/{uuid4()}/read"), 404, "NOT_FOUND")
    assert is_unread(row)
    assert not announced


def test_an_expired_one_is_not_found(alice: User) -> None:
    row = make_notification(alice, expires_at=timezone.now() - timedelta(seconds=1))

    refusal_of(signed_in(alice).put(url(row)), 404, "NOT_FOUND")
    assert is_unread(row)


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    row = make_notification(alice)

    refusal_of(anonymous.put(url(row)), 401, "NOT_AUTHENTICATED")
    assert is_unread(row)


def test_one_that_is_deleted_meanwhile_is_not_found(alice: User, announced: list[Any]) -> None:
    row = make_notification(alice)
    Notification.objects.all().delete()

    with pytest.raises(NotFound):
        mark_read(row)
    assert announced == []


def test_one_that_is_read_meanwhile_is_announced_once(alice: User, announced: list[Any]) -> None:
    row = make_notification(alice)
    late = Notification.objects.get()
    first = mark_read(row)

    assert mark_read(late).read_at == first.read_at
    assert announced == [[row.pk]]
