"""The mail about a sign-in from a device that was not seen before."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

from accounts.mail import deliver_due_mails
from accounts.models import OutgoingMail, Session, User
from accounts.tests.builders import PASSWORD
from hucares.tests.answers import data_of, refusal_of

URL = "/api/v1/auth/login"


def sign_in(user: User, user_agent: str, address: str = "192.0.2.1") -> None:
    body = {"email": user.email, "password": PASSWORD}
    data_of(APIClient().post(URL, body, HTTP_USER_AGENT=user_agent, REMOTE_ADDR=address))


def test_the_first_sign_in_and_one_from_the_same_device_say_nothing(alice: User) -> None:
    for _ in range(3):
        sign_in(alice, "Firefox" * 100)
    assert not OutgoingMail.objects.exists()


def test_a_registration_says_nothing_of_a_device(anonymous: APIClient, db: None) -> None:
    body = {"username": "dana", "email": "dana@example.com", "password": "Quiet9river"}
    data_of(anonymous.post("/api/v1/auth/register", body), 201)
    assert [mail.kind for mail in OutgoingMail.objects.all()] == ["verify-email"]


def test_another_device_or_address_is_told_of_once(alice: User, mailoutbox: list[Any]) -> None:
    User.objects.update(timezone="Asia/Tokyo")
    sign_in(alice, "Firefox")
    sign_in(alice, "Safari")
    sign_in(alice, "Safari")
    sign_in(alice, "Firefox", "192.0.2.2")

    deliver_due_mails()

    assert [mail.subject for mail in mailoutbox] == ["A new device signed in"] * 2
    assert "Device: Safari\nAddress: 192.0.2.1" in mailoutbox[0].body
    assert "Device: Firefox\nAddress: 192.0.2.2" in mailoutbox[1].body
    assert "(Asia/Tokyo)" in mailoutbox[0].body


def test_a_session_that_has_ended_counts_as_seen(alice: User) -> None:
    sign_in(alice, "Firefox")
    Session.objects.update(revoked_at="2026-01-01T00:00Z")
    sign_in(alice, "Firefox")
    assert not OutgoingMail.objects.exists()


def test_a_wrong_password_says_nothing(alice: User, anonymous: APIClient) -> None:
    sign_in(alice, "Firefox")
    refusal_of(anonymous.post(URL, {"email": alice.email, "password": "Wrong1password"}), 401, "INVALID_CREDENTIALS")
    assert not OutgoingMail.objects.exists()
