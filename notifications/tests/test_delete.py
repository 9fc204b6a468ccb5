"""DELETE /notifications/:id."""

from __future__ import annotations

from uuid import uuid4

from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from hucares.tests.answers import refusal_of
from notifications.models import Notification
from notifications.tests.builders import make_notification

URL = "/api/v1/notifications"


def test_it_is_gone(alice: User) -> None:
    row, other = make_notification(alice), make_notification(alice)
    client = signed_in(alice)

    response = client.delete(f"{URL}/{row.pk}")

    assert (response.status_code, response.content) == (204, b"")
    assert Notification.objects.get() == other
    refusal_of(client.delete(f"{URL}/{row.pk}"), 404, "NOT_FOUND")


def test_that_of_somebody_else_gets_the_answer_of_one_that_does_not_exist(alice: User, bob: User) -> None:
    row = make_notification(alice)
    client = signed_in(bob)

    others = refusal_of(client.delete(f"{URL}/{row.pk}"), 404, "NOT_FOUND")
    assert others == refusal_of(client.delete(f"{URL}/{uuid4()}"), 404, "NOT_FOUND")
    assert Notification.objects.get() == row


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    row = make_notification(alice)

    refusal_of(anonymous.delete(f"{URL}/{row.pk}"), 401, "NOT_AUTHENTICATED")
    assert Notification.objects.get() == row
