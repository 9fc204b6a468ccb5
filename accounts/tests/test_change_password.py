"""POST /auth/change-password."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.mail import deliver_due_mails, queue_mail
from accounts.models import OutgoingMail, Session, User
from accounts.tests.builders import PASSWORD, make_session, newest_token, signed_in
from accounts.tokens import access_token
from hucares.tests.answers import data_of, refusal_of, refused_fields

URL = "/api/v1/auth/change-password"
NEW = "Another2horse"


def test_it_changes_the_password_and_ends_the_other_sessions(anonymous: APIClient, alice: User) -> None:
    elsewhere = make_session(alice)
    client = signed_in(alice)

    data_of(client.post(URL, {"currentPassword": PASSWORD, "newPassword": NEW}))

    alice.refresh_from_db()
    assert alice.check_password(NEW)
    data_of(client.get("/api/v1/users/profile"))
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(elsewhere)}")
    refusal_of(anonymous.get("/api/v1/users/profile"), 401, "SESSION_REVOKED")


def test_its_owner_is_told(alice: User, mailoutbox: list[Any]) -> None:
    data_of(signed_in(alice).post(URL, {"currentPassword": PASSWORD, "newPassword": NEW}))

    deliver_due_mails()
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [([alice.email], "Your password was changed")]


def test_an_unused_verification_link_stays_good(alice: User, anonymous: APIClient, mailoutbox: list[Any]) -> None:
    queue_mail(kind="verify-email", email=alice.email, user=alice)
    token = newest_token(mailoutbox)
    data_of(signed_in(alice).post(URL, {"currentPassword": PASSWORD, "newPassword": NEW}))
    data_of(anonymous.post("/api/v1/auth/verify-email", {"token": token}))


def test_a_wrong_current_password_changes_nothing(alice: User) -> None:
    elsewhere = make_session(alice)

    assert refused_fields(signed_in(alice).post(URL, {"currentPassword": NEW, "newPassword": NEW})) == {
        "currentPassword"
    }

    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert Session.objects.get(pk=elsewhere.pk).revoked_at is None
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    "weak", ["Short1", "alllowercase1", "ALLUPPERCASE1", "NoDigitsHere", "Alice1example", "Password1"]
)
def test_a_weak_new_password_changes_nothing(alice: User, weak: str) -> None:
    answer = signed_in(alice).post(URL, {"currentPassword": PASSWORD, "newPassword": weak})

    assert refused_fields(answer) == {"newPassword"}
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    refusal_of(anonymous.post(URL, {"currentPassword": PASSWORD, "newPassword": NEW}), 401, "NOT_AUTHENTICATED")
