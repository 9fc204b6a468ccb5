"""POST /auth/forgot-password."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.mail import deliver_due_mails
from accounts.models import OutgoingMail, User
from accounts.tests.builders import token_in
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.throttling import shared_storage

URL = "/api/v1/auth/forgot-password"
ADDRESSES = ["alice@example.com", "nobody@example.com"]


def shape(sql: str) -> str:
    """A statement without its values."""
    return re.sub(r"'[^']*'|\b\d+\b", "?", sql)


def test_it_mails_a_link(anonymous: APIClient, alice: User, mailoutbox: list[Any]) -> None:
    data_of(anonymous.post(URL, {"email": "ALICE@example.com"}))
    assert mailoutbox == []

    deliver_due_mails()

    assert OutgoingMail.objects.get().user == alice
    (mail,) = mailoutbox
    assert mail.to == ["alice@example.com"]  # where the account is, not what was typed
    assert f"http://testserver/reset-password#token={token_in(mail)}" in mail.body


def test_nothing_tells_whether_somebody_has_the_address(anonymous: APIClient, alice: User) -> None:
    answers, statements = [], []
    for email in ADDRESSES:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = anonymous.post(URL, {"email": email})
        assert data_of(answer) == {"message": "Reset link sent"}
        answers.append((answer.json()["data"], {name for name, _ in answer.items()}))
        statements.append([shape(query["sql"]) for query in queries])

    assert answers[0] == answers[1]
    assert statements[0] == statements[1]
    assert sum("INSERT" in sql for sql in statements[0]) == 1
    assert not any("users" in sql for sql in statements[0])


def test_an_unknown_address_is_dropped_by_the_worker(anonymous: APIClient, alice: User, mailoutbox: list[Any]) -> None:
    data_of(anonymous.post(URL, {"email": "nobody@example.com"}))

    deliver_due_mails()

    assert mailoutbox == []
    assert not OutgoingMail.objects.exists()


def test_an_inactive_person_gets_nothing(anonymous: APIClient, alice: User, mailoutbox: list[Any]) -> None:
    User.objects.update(is_active=False)
    data_of(anonymous.post(URL, {"email": alice.email}))

    deliver_due_mails()
    assert mailoutbox == []


@pytest.mark.parametrize("email", ADDRESSES)
def test_three_an_hour_for_one_account_whether_it_exists_or_not(
    anonymous: APIClient, alice: User, settings: LazySettings, email: str
) -> None:
    settings.THROTTLE_SCALE = 1
    shared_storage().reset()
    for number in range(3):
        data_of(anonymous.post(URL, {"email": email.upper()}, REMOTE_ADDR=f"192.0.2.{number}"))
    answer = anonymous.post(URL, {"email": email})
    refusal_of(answer, 429, "RATE_LIMITED")
    assert 1 <= int(answer["Retry-After"]) <= 3600
    assert OutgoingMail.objects.count() == 3


@pytest.mark.django_db
def test_twenty_an_hour_from_one_address(anonymous: APIClient, settings: LazySettings) -> None:
    settings.THROTTLE_SCALE = 1
    shared_storage().reset()
    for number in range(20):
        data_of(anonymous.post(URL, {"email": f"somebody{number}@example.com"}))
    refusal_of(anonymous.post(URL, {"email": "more@example.com"}), 429, "RATE_LIMITED")
    assert OutgoingMail.objects.count() == 20
    data_of(anonymous.post(URL, {"email": "more@example.com"}, REMOTE_ADDR="192.0.2.2"))


@pytest.mark.django_db
@pytest.mark.parametrize("email", [None, "alice", "a" * 250 + "@example.com", "alice@e\N{KELVIN SIGN}ample.com"])
def test_what_is_no_address_is_refused(anonymous: APIClient, email: Any) -> None:
    assert refused_fields(anonymous.post(URL, {"email": email})) == {"email"}
    assert refused_fields(anonymous.post(URL, {})) == {"email"}
    assert not OutgoingMail.objects.exists()
