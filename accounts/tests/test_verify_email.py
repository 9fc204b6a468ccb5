"""POST /auth/verify-email."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.mail import deliver_due_mails, queue_mail
from accounts.models import User
from accounts.tests.builders import newest_token, token_in
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once

URL = "/api/v1/auth/verify-email"


@pytest.fixture
def token(alice: User, mailoutbox: list[Any]) -> str:
    """What was mailed to Alice."""
    queue_mail(kind="verify-email", email=alice.email, user=alice)
    return newest_token(mailoutbox)


def is_verified(user: User) -> bool:
    return User.objects.get(pk=user.pk).email_verified


def test_the_mail_of_a_registration_verifies_the_address(db: None, mailoutbox: list[EmailMessage]) -> None:
    body = {"username": "dana", "email": "Dana@example.com", "password": "Quiet9river"}
    data_of(APIClient().post("/api/v1/auth/register", body), 201)
    assert mailoutbox == []  # nothing is sent in a request

    assert deliver_due_mails() == 1

    (mail,) = mailoutbox
    assert mail.to == ["Dana@example.com"]
    assert "Hello dana" in mail.body
    assert f"http://testserver/verify-email#token={token_in(mail)}" in mail.body
    assert data_of(APIClient().post(URL, {"token": token_in(mail)})) == {"message": "Email verified"}
    assert User.objects.get().email_verified


def test_a_token_works_once(anonymous: APIClient, alice: User, token: str) -> None:
    data_of(anonymous.post(URL, {"token": token}))
    refusal_of(anonymous.post(URL, {"token": token}), 400, "INVALID_TOKEN")
    assert is_verified(alice)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_uses_at_once_one_counts(alice: User, token: str) -> None:
    answers = at_once(20, lambda number: APIClient().post(URL, {"token": token}).status_code)
    assert sorted(answers) == [200] + [400] * 19


def test_it_lasts_48_hours(anonymous: APIClient, alice: User, token: str) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=48, seconds=1)):
        refusal_of(anonymous.post(URL, {"token": token}), 400, "INVALID_TOKEN")
    assert not is_verified(alice)
    with time_machine.travel(timezone.now() + timedelta(hours=47)):
        data_of(anonymous.post(URL, {"token": token}))


def test_only_the_newest_counts(anonymous: APIClient, alice: User, token: str, mailoutbox: list[Any]) -> None:
    queue_mail(kind="verify-email", email=alice.email, user=alice)
    newer = newest_token(mailoutbox)

    refusal_of(anonymous.post(URL, {"token": token}), 400, "INVALID_TOKEN")
    assert not is_verified(alice)
    data_of(anonymous.post(URL, {"token": newer}))


@pytest.mark.parametrize("wrong", ["unknown", "a\x00b", "ü" * 50])
def test_an_unknown_token_is_refused(anonymous: APIClient, alice: User, token: str, wrong: str) -> None:
    answer = anonymous.post(URL, {"token": wrong})
    assert answer.json()["error"]["code"] in {"INVALID_TOKEN", "VALIDATION_ERROR"}
    assert answer.status_code == 400
    assert not is_verified(alice)


def test_what_is_stored_is_no_token(anonymous: APIClient, alice: User, token: str) -> None:
    stored = User.objects.get().email_verification_token
    refusal_of(anonymous.post(URL, {"token": stored}), 400, "INVALID_TOKEN")
    assert not is_verified(alice)


@pytest.mark.parametrize("body", [{}, {"token": None}, {"token": 5}, {"token": ""}, {"token": "x" * 201}])
def test_what_does_not_fit_is_refused_by_name(anonymous: APIClient, alice: User, body: Any) -> None:
    assert refused_fields(anonymous.post(URL, body)) == {"token"}


def test_a_reset_token_verifies_nothing(anonymous: APIClient, alice: User, mailoutbox: list[Any]) -> None:
    queue_mail(kind="reset-password", email=alice.email)
    refusal_of(anonymous.post(URL, {"token": newest_token(mailoutbox)}), 400, "INVALID_TOKEN")
    assert not is_verified(alice)


def test_an_inactive_person_verifies_nothing(anonymous: APIClient, alice: User, token: str) -> None:
    User.objects.update(is_active=False)
    refusal_of(anonymous.post(URL, {"token": token}), 400, "INVALID_TOKEN")
    assert not is_verified(alice)
