"""POST /auth/change-email."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from rest_framework.test import APIClient

from accounts.mail import deliver_due_mails, queue_mail
from accounts.models import OutgoingMail, User
from accounts.tests.builders import PASSWORD, newest_token, signed_in, token_in
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.throttling import shared_storage

URL = "/api/v1/auth/change-email"
VERIFY = "/api/v1/auth/verify-email"
NEW = "Alice@New.example"
WANTED = {"newEmail": NEW, "password": PASSWORD}


def nothing_changed(user: User) -> bool:
    kept = User.objects.get(pk=user.pk)
    return (kept.email, kept.pending_email) == (user.email, None) and not OutgoingMail.objects.exists()


def mails_by_address(outbox: list[Any]) -> dict[str, Any]:
    """Sends what is due; the newest mail to each address."""
    deliver_due_mails()
    return {mail.to[0]: mail for mail in outbox}


def test_it_changes_when_the_link_is_used(anonymous: APIClient, alice: User, mailoutbox: list[Any]) -> None:
    data_of(signed_in(alice).post(URL, WANTED))

    alice.refresh_from_db()
    assert (alice.email, alice.pending_email) == ("alice@example.com", NEW)
    mails = mails_by_address(mailoutbox)
    assert mails.keys() == {"alice@example.com", NEW}
    assert mails["alice@example.com"].subject == "Your e-mail address is about to change"
    data_of(anonymous.post(VERIFY, {"token": token_in(mails[NEW])}))

    alice.refresh_from_db()
    assert (alice.email, alice.pending_email, alice.email_verified) == (NEW, None, True)
    assert mails_by_address(mailoutbox)["alice@example.com"].subject == "Your e-mail address was changed"
    data_of(anonymous.post("/api/v1/auth/login", {"email": NEW, "password": PASSWORD}))


def test_a_wrong_password_changes_nothing(alice: User) -> None:
    assert refused_fields(signed_in(alice).post(URL, {**WANTED, "password": "Wrong1password"})) == {"password"}
    assert nothing_changed(alice)


def test_a_taken_address_changes_nothing(alice: User, bob: User) -> None:
    answer = signed_in(alice).post(URL, {**WANTED, "newEmail": "BOB@example.com"})
    refusal_of(answer, 409, "EMAIL_ALREADY_EXISTS")
    assert nothing_changed(alice)


def test_who_takes_the_address_first_keeps_it(
    anonymous: APIClient, alice: User, bob: User, mailoutbox: list[Any]
) -> None:
    data_of(signed_in(alice).post(URL, WANTED))
    token = token_in(mails_by_address(mailoutbox)[NEW])
    User.objects.filter(pk=bob.pk).update(email=NEW.lower())

    refusal_of(anonymous.post(VERIFY, {"token": token}), 409, "EMAIL_ALREADY_EXISTS")

    alice.refresh_from_db()
    assert (alice.email, alice.email_verified) == ("alice@example.com", False)


def test_a_link_mailed_to_the_old_address_does_not_prove_the_new(
    anonymous: APIClient, alice: User, mailoutbox: list[Any]
) -> None:
    queue_mail(kind="verify-email", email=alice.email, user=alice)
    earlier = newest_token(mailoutbox)
    queue_mail(kind="verify-email", email=alice.email, user=alice)  # on its way while the change is asked for
    data_of(signed_in(alice).post(URL, WANTED))
    deliver_due_mails()

    assert [mail.to[0] for mail in mailoutbox].count("alice@example.com") == 2  # the earlier one, and the notice
    refusal_of(anonymous.post(VERIFY, {"token": earlier}), 400, "INVALID_TOKEN")
    alice.refresh_from_db()
    assert (alice.email, alice.pending_email) == ("alice@example.com", NEW)


def test_the_newest_wish_counts(anonymous: APIClient, alice: User, mailoutbox: list[Any]) -> None:
    client = signed_in(alice)
    data_of(client.post(URL, WANTED))
    first = token_in(mails_by_address(mailoutbox)[NEW])
    data_of(client.post(URL, {**WANTED, "newEmail": "second@example.com"}))

    refusal_of(anonymous.post(VERIFY, {"token": first}), 400, "INVALID_TOKEN")
    data_of(anonymous.post(VERIFY, {"token": token_in(mails_by_address(mailoutbox)["second@example.com"])}))
    assert User.objects.get().email == "second@example.com"


def test_a_change_of_password_calls_it_off(anonymous: APIClient, alice: User, mailoutbox: list[Any]) -> None:
    client = signed_in(alice)
    data_of(client.post(URL, WANTED))
    token = token_in(mails_by_address(mailoutbox)[NEW])
    changed = {"currentPassword": PASSWORD, "newPassword": "Another2horse"}
    data_of(client.post("/api/v1/auth/change-password", changed))

    refusal_of(anonymous.post(VERIFY, {"token": token}), 400, "INVALID_TOKEN")
    alice.refresh_from_db()
    assert (alice.email, alice.pending_email) == ("alice@example.com", None)


def test_a_reset_link_in_the_old_mailbox_is_worth_nothing(
    anonymous: APIClient, alice: User, mailoutbox: list[Any]
) -> None:
    queue_mail(kind="reset-password", email=alice.email)
    reset = newest_token(mailoutbox)
    data_of(signed_in(alice).post(URL, WANTED))
    data_of(anonymous.post(VERIFY, {"token": token_in(mails_by_address(mailoutbox)[NEW])}))

    answer = anonymous.post("/api/v1/auth/reset-password", {"token": reset, "newPassword": "Another2horse"})
    refusal_of(answer, 400, "INVALID_TOKEN")
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize("value", [None, "", "alice", 5, "a" * 250 + "@example.com", "a@\N{KELVIN SIGN}.example"])
def test_what_is_no_address_is_refused(alice: User, value: Any) -> None:
    assert refused_fields(signed_in(alice).post(URL, {**WANTED, "newEmail": value})) == {"newEmail"}
    assert nothing_changed(alice)


def test_ten_an_hour(alice: User, settings: LazySettings) -> None:
    settings.THROTTLE_SCALE = 0.2
    shared_storage().reset()
    client = signed_in(alice)
    for _ in range(2):
        refused_fields(client.post(URL, {**WANTED, "password": "Wrong1password"}))
    refusal_of(client.post(URL, WANTED), 429, "RATE_LIMITED")
    assert nothing_changed(alice)


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    refusal_of(anonymous.post(URL, WANTED), 401, "NOT_AUTHENTICATED")
    assert nothing_changed(alice)
