"""POST /auth/pin."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.contrib.auth.hashers import check_password
from rest_framework.test import APIClient

from accounts import pin_sign_in
from accounts.mail import deliver_due_mails
from accounts.models import OutgoingMail, PinEnrolment, Session, User
from accounts.pin_sign_in import MOST_ENROLMENTS, peppered
from accounts.tests.builders import PASSWORD, PIN, make_enrolment, make_user, signed_in
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once
from hucares.throttling import shared_storage

URL = "/api/v1/auth/pin"
LOGIN = "/api/v1/auth/pin/login"
WANTED = {"pin": PIN, "password": PASSWORD}


def nothing_changed() -> bool:
    return not PinEnrolment.objects.exists() and not OutgoingMail.objects.exists()


def test_this_device_may_sign_in_by_pin_from_then_on(anonymous: APIClient, alice: User) -> None:
    answer = data_of(signed_in(alice).post(URL, WANTED, HTTP_USER_AGENT="Firefox"))

    assert answer.keys() == {"deviceToken"}
    assert len(answer["deviceToken"]) >= 43  # 256 bits
    assert PinEnrolment.objects.get().user_agent == "Firefox"
    assert data_of(anonymous.post(LOGIN, {**answer, "pin": PIN}))["user"]["username"] == "alice"


def test_neither_token_nor_pin_is_anywhere_in_the_database(alice: User) -> None:
    token = make_enrolment(alice)

    dump = json.dumps([*PinEnrolment.objects.values(), *OutgoingMail.objects.values()], default=str)
    assert token not in dump
    assert PIN not in PinEnrolment.objects.get().pin_hash


def test_without_the_pepper_the_hash_of_a_pin_is_worth_nothing(alice: User, settings: LazySettings) -> None:
    make_enrolment(alice)
    enrolment = PinEnrolment.objects.get()
    assert enrolment.pin_hash.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password(peppered(PIN, enrolment.pk), enrolment.pin_hash)

    settings.PIN_PEPPER = "another-pepper-of-at-least-thirty-two-bytes"

    assert not check_password(peppered(PIN, enrolment.pk), enrolment.pin_hash)
    assert not check_password(PIN, enrolment.pin_hash)


def test_the_hash_of_one_enrolment_is_worth_nothing_in_another(anonymous: APIClient, alice: User, bob: User) -> None:
    make_enrolment(alice)
    bobs = make_enrolment(bob)
    PinEnrolment.objects.filter(user=bob).update(pin_hash=PinEnrolment.objects.get(user=alice).pin_hash)

    refusal_of(anonymous.post(LOGIN, {"deviceToken": bobs, "pin": PIN}), 401, "INVALID_CREDENTIALS")


def test_its_owner_is_told(alice: User, mailoutbox: list[Any]) -> None:
    data_of(signed_in(alice).post(URL, WANTED, HTTP_USER_AGENT="Firefox"))

    deliver_due_mails()
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [([alice.email], "A device may sign in by PIN")]
    assert "Device: Firefox\nAddress: 127.0.0.1" in mailoutbox[0].body


def test_a_wrong_password_changes_nothing(alice: User) -> None:
    assert refused_fields(signed_in(alice).post(URL, {**WANTED, "password": "Wrong1password"})) == {"password"}
    assert nothing_changed()


@pytest.mark.parametrize(
    "pin", [None, 4096, "", "123", "409", "409640964", "40a6", " 4096", "4096\n", "٤٠٩٦", "1234", "0000", "7890"]
)
def test_what_is_no_pin_or_easily_guessed_changes_nothing(alice: User, pin: Any) -> None:
    assert refused_fields(signed_in(alice).post(URL, {**WANTED, "pin": pin})) == {"pin"}
    assert nothing_changed()


def test_the_device_that_was_used_longest_ago_makes_room(anonymous: APIClient, alice: User) -> None:
    with time_machine.travel("2026-01-01T00:00Z"):
        first, second = make_enrolment(alice), make_enrolment(alice)
    others = make_enrolment(make_user("dora"))
    for _ in range(MOST_ENROLMENTS - 2):
        make_enrolment(alice)
    data_of(anonymous.post(LOGIN, {"deviceToken": first, "pin": PIN}))

    data_of(signed_in(alice).post(URL, WANTED))

    assert PinEnrolment.objects.filter(user=alice).count() == MOST_ENROLMENTS
    refusal_of(anonymous.post(LOGIN, {"deviceToken": second, "pin": PIN}), 401, "INVALID_CREDENTIALS")
    data_of(anonymous.post(LOGIN, {"deviceToken": first, "pin": PIN}))
    data_of(anonymous.post(LOGIN, {"deviceToken": others, "pin": PIN}))


@pytest.mark.django_db(transaction=True)
def test_there_are_never_more_however_many_are_enrolled_at_once(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pin_sign_in, "MOST_ENROLMENTS", 2)
    tokens = at_once(6, lambda number: make_enrolment(alice))
    assert len(set(tokens)) == 6
    assert PinEnrolment.objects.count() == 2


def test_ten_an_hour(alice: User, settings: LazySettings) -> None:
    settings.THROTTLE_SCALE = 0.2
    shared_storage().reset()
    client = signed_in(alice)
    for _ in range(2):
        refused_fields(client.post(URL, {**WANTED, "password": "Wrong1password"}))
    refusal_of(client.post(URL, WANTED), 429, "RATE_LIMITED")
    assert nothing_changed()


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    refusal_of(anonymous.post(URL, WANTED), 401, "NOT_AUTHENTICATED")
    assert nothing_changed()
    assert not Session.objects.exists()
