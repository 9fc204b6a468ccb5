"""A hundred failed sign-ins in a row close an account to strangers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import hashers
from accounts.failed_sign_ins import MOST
from accounts.limits import hashed_account
from accounts.mail import deliver_due_mails, queue_mail
from accounts.models import FailedSignIns, OutgoingMail, Session, User
from accounts.pruning import FAILURES_RETENTION
from accounts.tests.builders import PASSWORD, PIN, make_enrolment, newest_token, signed_in, token_in
from hucares.pruning import PRUNINGS
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.racing import at_once, behind_lock

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
NEW = "Another2horse"
WRONG = "Wrong1password"


@pytest.fixture
def home(alice: User) -> None:
    """Where Alice has signed in before."""
    data_of(sign_in(alice.email, PASSWORD, HOME))


def sign_in(email: str, password: str, address: str) -> Any:
    return APIClient().post("/api/v1/auth/login", {"email": email, "password": password}, REMOTE_ADDR=address)


def is_refused(answer: Any) -> dict[str, Any]:
    error = refusal_of(answer, 401, "INVALID_CREDENTIALS")
    assert error["message"] == "The e-mail address or the password is wrong."
    return error


def fail(email: str, times: int) -> None:
    """What so many failures leave behind, the last of them a real one."""
    account = {"account": hashed_account(email), "failures": times - 1, "last_at": timezone.now()}
    FailedSignIns.objects.create(**account)
    is_refused(sign_in(email, WRONG, ELSEWHERE))


def failures(email: str) -> int:
    return sum(FailedSignIns.objects.filter(account=hashed_account(email)).values_list("failures", flat=True))


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_every_failure_counts_whether_or_not_the_account_exists(alice: User, email: str) -> None:
    for number in range(1, 4):
        is_refused(sign_in(email.upper(), WRONG, f"192.0.2.{number}"))
        assert failures(email) == number
    assert email not in str(FailedSignIns.objects.values())


def test_a_success_before_the_hundredth_begins_the_row_anew(alice: User) -> None:
    fail(alice.email, MOST - 1)
    data_of(sign_in(alice.email, PASSWORD, ELSEWHERE))
    assert failures(alice.email) == 0
    is_refused(sign_in(alice.email, WRONG, ELSEWHERE))
    assert failures(alice.email) == 1
    assert not OutgoingMail.objects.exists()


@pytest.mark.usefixtures("home")
def test_after_the_hundredth_the_right_password_is_refused_from_an_unknown_address(alice: User) -> None:
    fail(alice.email, MOST)
    is_refused(sign_in(alice.email, PASSWORD, ELSEWHERE))
    assert Session.objects.count() == 1
    assert failures(alice.email) == MOST + 1


@pytest.mark.usefixtures("home")
def test_whoever_signed_in_from_an_address_before_still_does_and_opens_it_for_no_stranger(alice: User) -> None:
    Session.objects.update(revoked_at=timezone.now())
    fail(alice.email, MOST)

    data_of(sign_in(alice.email, PASSWORD, HOME))
    is_refused(sign_in(alice.email, WRONG, HOME))

    is_refused(sign_in(alice.email, PASSWORD, ELSEWHERE))


@pytest.mark.usefixtures("home")
def test_the_address_of_somebody_else_is_unknown(alice: User, bob: User) -> None:
    data_of(sign_in(bob.email, PASSWORD, ELSEWHERE))
    fail(alice.email, MOST)
    is_refused(sign_in(alice.email, PASSWORD, ELSEWHERE))
    data_of(sign_in(bob.email, PASSWORD, ELSEWHERE))


def test_a_reset_of_the_password_opens_it_again(anonymous: APIClient, alice: User, mailoutbox: list[Any]) -> None:
    fail(alice.email, MOST)
    queue_mail(kind="reset-password", email=alice.email)
    reset = {"token": newest_token(mailoutbox), "newPassword": NEW}
    data_of(anonymous.post("/api/v1/auth/reset-password", reset))

    assert failures(alice.email) == 0
    is_refused(sign_in(alice.email, PASSWORD, ELSEWHERE))
    data_of(sign_in(alice.email, NEW, ELSEWHERE))


def test_a_changed_password_does_not_open_it(alice: User) -> None:
    fail(alice.email, MOST)
    wanted = {"currentPassword": PASSWORD, "newPassword": NEW}
    data_of(signed_in(alice).post("/api/v1/auth/change-password", wanted))
    is_refused(sign_in(alice.email, NEW, ELSEWHERE))


def test_its_owner_is_told_once(alice: User, mailoutbox: list[Any]) -> None:
    fail(alice.email.upper(), MOST)
    for _ in range(3):
        is_refused(sign_in(alice.email, WRONG, ELSEWHERE))

    deliver_due_mails()
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        ([alice.email], "Somebody tried to guess your password")
    ]
    assert "(UTC) signing in to your HuCares account failed" in mailoutbox[0].body
    assert OutgoingMail.objects.get().user == alice


def test_nobody_is_told_of_an_account_that_does_not_exist_or_is_open_again(alice: User, mailoutbox: list[Any]) -> None:
    fail("nobody@example.com", MOST)
    fail(alice.email, MOST)
    assert OutgoingMail.objects.count() == 2
    FailedSignIns.objects.filter(account=hashed_account(alice.email)).delete()
    deliver_due_mails()
    assert not mailoutbox


@pytest.mark.django_db(transaction=True)
def test_none_of_many_failures_at_once_is_lost_and_one_mail_is_sent(alice: User) -> None:
    FailedSignIns.objects.create(account=hashed_account(alice.email), failures=MOST - 6, last_at=timezone.now())

    for answer in at_once(12, lambda number: sign_in(alice.email, WRONG, f"192.0.2.{number}")):
        is_refused(answer)

    assert failures(alice.email) == MOST + 6
    assert [mail.kind for mail in OutgoingMail.objects.all()] == ["sign-in-closed"]


@pytest.mark.needs_servers
@pytest.mark.django_db(transaction=True)
def test_a_right_password_that_was_being_checked_at_the_hundredth_failure_is_refused(alice: User) -> None:
    FailedSignIns.objects.create(account=hashed_account(alice.email), failures=MOST - 1, last_at=timezone.now())

    late = behind_lock(
        User.objects.filter(pk=alice.pk),
        lambda: at_once(1, lambda number: sign_in(alice.email, WRONG, ELSEWHERE)),
        lambda: sign_in(alice.email, PASSWORD, ELSEWHERE),
    )

    is_refused(late.result())
    assert not Session.objects.exists()


def work_of(email: str, password: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str]]:
    """The statements and the hashes that it takes to be refused."""
    hashes: list[str] = []
    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as queries:
        for name in ("encode", "verify"):
            work = getattr(hashers.Argon2PasswordHasher, name)
            patch.setattr(
                hashers.Argon2PasswordHasher, name, lambda *given, work=work: (hashes.append("one"), work(*given))[1]
            )
        is_refused(sign_in(email, password, ELSEWHERE))
    return [re.sub(r"'[^']*'|\S*\d\S*", "?", query["sql"]) for query in queries], hashes


@pytest.mark.parametrize("times", [0, MOST - 2, MOST - 1, MOST])
def test_nothing_that_is_done_tells_whether_the_account_exists_or_the_password_is_right(
    alice: User, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    emails = ["alice@example.com", "nobody@example.com"]
    for email in emails if times else []:
        fail(email, times)

    works = [work_of(email, WRONG, monkeypatch) for email in emails]
    if times >= MOST:
        works.append(work_of(alice.email, PASSWORD, monkeypatch))

    for work in works:
        assert work == works[0]
    assert works[0][1] == ["one"]


def test_wrong_pins_count_elsewhere_and_the_right_one_signs_in(anonymous: APIClient, alice: User) -> None:
    token = make_enrolment(alice)
    fail(alice.email, MOST)
    body = {"deviceToken": token, "pin": PIN}
    refusal_of(anonymous.post("/api/v1/auth/pin/login", {**body, "pin": "4097"}), 401, "INVALID_CREDENTIALS")
    assert failures(alice.email) == MOST

    data_of(anonymous.post("/api/v1/auth/pin/login", body))
    assert failures(alice.email) == MOST


def test_a_new_account_does_not_inherit_the_failures_of_its_address(anonymous: APIClient, db: None) -> None:
    fail("dana@example.com", MOST)
    body = {"username": "dana", "email": "Dana@example.com", "password": "Quiet9river"}
    data_of(anonymous.post("/api/v1/auth/register", body), 201)
    data_of(sign_in("dana@example.com", "Quiet9river", ELSEWHERE))


def test_nor_does_somebody_who_moves_to_the_address(anonymous: APIClient, alice: User, mailoutbox: list[Any]) -> None:
    fail("new@example.com", MOST)
    data_of(signed_in(alice).post("/api/v1/auth/change-email", {"newEmail": "new@example.com", "password": PASSWORD}))
    OutgoingMail.objects.exclude(kind="verify-email").delete()
    deliver_due_mails()
    data_of(anonymous.post("/api/v1/auth/verify-email", {"token": token_in(mailoutbox[-1])}))
    data_of(sign_in("new@example.com", PASSWORD, ELSEWHERE))


def test_old_failures_are_forgotten_and_what_is_closed_stays_closed(alice: User, bob: User) -> None:
    fail(alice.email, MOST)
    fail(bob.email, MOST - 1)
    with time_machine.travel(timezone.now() + FAILURES_RETENTION - timedelta(minutes=1)):
        fail("recent@example.com", 2)
        PRUNINGS["failed sign-ins"].run()
    assert FailedSignIns.objects.count() == 3

    with time_machine.travel(timezone.now() + FAILURES_RETENTION + timedelta(minutes=1)):
        PRUNINGS["failed sign-ins"].run()

    assert failures(bob.email) == 0
    assert failures("recent@example.com") == 2
    is_refused(sign_in(alice.email, PASSWORD, ELSEWHERE))
