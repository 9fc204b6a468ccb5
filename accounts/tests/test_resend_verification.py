"""POST /auth/resend-verification."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from rest_framework.test import APIClient

from accounts.mail import deliver_due_mails
from accounts.models import OutgoingMail, User
from accounts.tests.builders import make_user, newest_token, signed_in
from hucares.tests.answers import data_of, refusal_of
from hucares.throttling import shared_storage

URL = "/api/v1/auth/resend-verification"


def test_it_sends_the_mail_again(alice: User, anonymous: APIClient, mailoutbox: list[Any]) -> None:
    data_of(signed_in(alice).post(URL))

    token = newest_token(mailoutbox)
    assert [mail.to for mail in mailoutbox] == [[alice.email]]
    data_of(anonymous.post("/api/v1/auth/verify-email", {"token": token}))


def test_who_is_verified_gets_nothing(alice: User, mailoutbox: list[Any]) -> None:
    User.objects.update(email_verified=True)
    data_of(signed_in(alice).post(URL))

    deliver_due_mails()
    assert mailoutbox == []
    assert not OutgoingMail.objects.exists()


def test_while_an_address_is_pending_it_goes_there(alice: User, mailoutbox: list[Any]) -> None:
    User.objects.update(email_verified=True, pending_email="new@example.com")
    data_of(signed_in(alice).post(URL))

    deliver_due_mails()
    assert [mail.to for mail in mailoutbox] == [["new@example.com"]]


def test_three_an_hour(alice: User, settings: LazySettings) -> None:
    settings.THROTTLE_SCALE = 1
    shared_storage().reset()
    client = signed_in(alice)
    for _ in range(3):
        data_of(client.post(URL))
    answer = client.post(URL)
    refusal_of(answer, 429, "RATE_LIMITED")
    assert 1 <= int(answer["Retry-After"]) <= 3600
    assert OutgoingMail.objects.count() == 3


def test_twenty_an_hour_from_one_address(db: None, settings: LazySettings) -> None:
    settings.THROTTLE_SCALE = 1
    shared_storage().reset()
    for number in range(20):
        data_of(signed_in(make_user(f"dana_{number}")).post(URL))
    refusal_of(signed_in(make_user("dora")).post(URL), 429, "RATE_LIMITED")
    data_of(signed_in(make_user("doris")).post(URL, REMOTE_ADDR="192.0.2.2"))


@pytest.mark.django_db
def test_without_credentials_it_is_refused(anonymous: APIClient) -> None:
    refusal_of(anonymous.post(URL), 401, "NOT_AUTHENTICATED")
    assert not OutgoingMail.objects.exists()
