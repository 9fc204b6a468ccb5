"""POST /auth/reset-password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.mail import deliver_due_mails, queue_mail
from accounts.models import OutgoingMail, Session, User
from accounts.tests.builders import PASSWORD, make_session, newest_token
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once

URL = "/api/v1/auth/reset-password"
NEW = "Another2horse"


@pytest.fixture
def token(alice: User, mailoutbox: list[Any]) -> str:
    """What was mailed to Alice, who is signed in somewhere."""
    make_session(alice)
    queue_mail(kind="reset-password", email=alice.email)
    return newest_token(mailoutbox)


def nothing_changed() -> bool:
    alice = User.objects.get()
    unspent = alice.check_password(PASSWORD) and not alice.email_verified
    return unspent and Session.objects.get().revoked_at is None and not queued("password-changed")


def queued(kind: str) -> int:
    return OutgoingMail.objects.filter(kind=kind).count()


def test_it_sets_the_password_and_signs_out_everywhere(
    anonymous: APIClient, alice: User, token: str, mailoutbox: list[Any]
) -> None:
    answer = data_of(anonymous.post(URL, {"token": token, "newPassword": NEW}))

    assert answer == {"message": "Password reset successful"}
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert alice.email_verified  # the link was in that mailbox
    assert Session.objects.get().revoked_at is not None
    deliver_due_mails()
    assert mailoutbox[-1].subject == "Your password was changed"
    data_of(anonymous.post("/api/v1/auth/login", {"email": alice.email, "password": NEW}))


def test_a_token_works_once(anonymous: APIClient, alice: User, token: str) -> None:
    data_of(anonymous.post(URL, {"token": token, "newPassword": NEW}))
    refusal_of(anonymous.post(URL, {"token": token, "newPassword": "Third3horse"}), 400, "INVALID_TOKEN")
    assert User.objects.get().check_password(NEW)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_uses_at_once_one_counts(alice: User, token: str) -> None:
    def use(number: int) -> tuple[int, str]:
        while True:  # the server hashes two passwords at a time, and asks the others to come back
            answer = APIClient().post(URL, {"token": token, "newPassword": f"Another{number}horse"})
            if answer.status_code != 503:
                return answer.status_code, answer.json().get("error", {}).get("code", str(number))

    answers = at_once(20, use)

    assert sorted(status for status, _ in answers) == [200] + [400] * 19
    (winner,) = (number for status, number in answers if status == 200)
    assert {code for status, code in answers if status == 400} == {"INVALID_TOKEN"}
    assert User.objects.get().check_password(f"Another{winner}horse")
    assert queued("password-changed") == 1


def test_it_lasts_thirty_minutes(anonymous: APIClient, alice: User, token: str) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=30, seconds=1)):
        refusal_of(anonymous.post(URL, {"token": token, "newPassword": NEW}), 400, "INVALID_TOKEN")
    assert nothing_changed()
    with time_machine.travel(timezone.now() + timedelta(minutes=29)):
        data_of(anonymous.post(URL, {"token": token, "newPassword": NEW}))


def test_only_the_newest_counts(anonymous: APIClient, alice: User, token: str, mailoutbox: list[Any]) -> None:
    queue_mail(kind="reset-password", email=alice.email)
    newer = newest_token(mailoutbox)

    refusal_of(anonymous.post(URL, {"token": token, "newPassword": NEW}), 400, "INVALID_TOKEN")
    assert nothing_changed()
    data_of(anonymous.post(URL, {"token": newer, "newPassword": NEW}))


@pytest.mark.parametrize("weak", ["Short1", "alllowercase1", "NoDigitsHere", "Alice1example", "Password1"])
def test_a_weak_password_does_not_spend_the_token(anonymous: APIClient, alice: User, token: str, weak: str) -> None:
    assert refused_fields(anonymous.post(URL, {"token": token, "newPassword": weak})) == {"newPassword"}
    assert nothing_changed()
    data_of(anonymous.post(URL, {"token": token, "newPassword": NEW}))


def test_an_unknown_token_is_refused(anonymous: APIClient, alice: User, token: str) -> None:
    for wrong in ("unknown", User.objects.get().password_reset_token):
        refusal_of(anonymous.post(URL, {"token": wrong, "newPassword": NEW}), 400, "INVALID_TOKEN")
    assert nothing_changed()


def test_a_verification_token_sets_no_password(
    anonymous: APIClient, alice: User, token: str, mailoutbox: list[Any]
) -> None:
    queue_mail(kind="verify-email", email=alice.email, user=alice)
    verification = newest_token(mailoutbox)
    refusal_of(anonymous.post(URL, {"token": verification, "newPassword": NEW}), 400, "INVALID_TOKEN")
    assert nothing_changed()


def test_a_change_of_password_makes_it_worthless(anonymous: APIClient, alice: User, token: str) -> None:
    anonymous.force_authenticate(alice, token=Session.objects.get())
    changed = {"currentPassword": PASSWORD, "newPassword": NEW}
    data_of(anonymous.post("/api/v1/auth/change-password", changed))
    refusal_of(APIClient().post(URL, {"token": token, "newPassword": "Third3horse"}), 400, "INVALID_TOKEN")
    assert User.objects.get().check_password(NEW)


def test_it_calls_off_a_change_of_address(anonymous: APIClient, alice: User, token: str) -> None:
    User.objects.update(pending_email="thief@example.com", email_verification_token="x")
    data_of(anonymous.post(URL, {"token": token, "newPassword": NEW}))
    alice.refresh_from_db()
    assert (alice.email, alice.pending_email, alice.email_verification_token) == ("alice@example.com", None, None)


def test_an_inactive_person_is_refused(anonymous: APIClient, alice: User, token: str) -> None:
    User.objects.update(is_active=False)
    refusal_of(anonymous.post(URL, {"token": token, "newPassword": NEW}), 400, "INVALID_TOKEN")
    assert nothing_changed()
