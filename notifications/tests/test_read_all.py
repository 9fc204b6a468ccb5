"""POST /notifications/read-all."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from hucares.tests.answers import data_of, refusal_of
from notifications.models import Notification
from notifications.tests.builders import make_notification

URL = "/api/v1/notifications/read-all"


def test_it_reads_all_of_the_callers(alice: User, bob: User) -> None:
    with time_machine.travel("2026-03-04T12:00:00Z", tick=False) as clock:
        earlier = make_notification(alice, is_read=True, read_at=timezone.now())
        clock.shift(60)
        for _ in range(3):
            make_notification(alice)
        bobs = make_notification(bob)

        assert data_of(signed_in(alice).post(URL)) == {"updated": 3}
        assert alice.notifications.filter(is_read=True, read_at=timezone.now()).count() == 3

    assert Notification.objects.get(is_read=False) == bobs
    assert Notification.objects.get(pk=earlier.pk).read_at == earlier.read_at


def test_a_second_time_there_is_nothing_to_read(alice: User) -> None:
    make_notification(alice)
    client = signed_in(alice)
    data_of(client.post(URL))

    assert data_of(client.post(URL)) == {"updated": 0}


def test_expired_ones_are_left_alone(alice: User) -> None:
    make_notification(alice, expires_at=timezone.now() - timedelta(seconds=1))

    assert data_of(signed_in(alice).post(URL)) == {"updated": 0}
    assert not Notification.objects.get().is_read


def test_more_rows_take_no_more_statements(alice: User) -> None:
    client = signed_in(alice)
    client.post(URL)
    statements = []
    for size in (2, 12):
        for _ in range(size):
            make_notification(alice)
        with CaptureQueriesContext(connection) as captured:
            assert data_of(client.post(URL)) == {"updated": size}
        statements.append(len(captured))

    assert statements[0] == statements[1]


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    make_notification(alice)

    refusal_of(anonymous.post(URL), 401, "NOT_AUTHENTICATED")
    assert not Notification.objects.get().is_read
