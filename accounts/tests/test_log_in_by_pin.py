"""POST /auth/pin/login."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from rest_framework.test import APIClient

from accounts import hashers, pin_sign_in
from accounts.models import OutgoingMail, PinEnrolment, Session, User
from accounts.tests.builders import PASSWORD, PIN, make_enrolment
from hucares.slots import Slots
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once
from hucares.throttling import shared_storage

URL = "/api/v1/auth/pin/login"
WRONG = "4097"


def sign_in(token: str, pin: str = PIN, address: str = "127.0.0.1") -> Any:
    return APIClient().post(URL, {"deviceToken": token, "pin": pin}, REMOTE_ADDR=address, HTTP_USER_AGENT="tests")


def is_refused(answer: Any) -> dict[str, Any]:
    return refusal_of(answer, 401, "INVALID_CREDENTIALS")


def failures() -> int:
    return PinEnrolment.objects.get().failures


def test_it_signs_in(alice: User) -> None:
    data = data_of(sign_in(make_enrolment(alice)))

    assert data.keys() == {"user", "accessToken", "refreshToken"}
    assert data["user"]["username"] == "alice"
    assert data["user"]["lastLoginAt"] is not None
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {data['accessToken']}")
    assert data_of(client.get("/api/v1/users/profile"))["id"] == str(alice.pk)
    assert Session.objects.get().user_agent == "tests"


def test_a_wrong_pin_an_unknown_device_and_one_that_has_ended_answer_alike(alice: User) -> None:
    token, ended = make_enrolment(alice), make_enrolment(alice)
    PinEnrolment.objects.order_by("-created_at")[0].delete()

    answers = [
        sign_in(token, WRONG),
        sign_in(ended),
        sign_in("unknown"),
        sign_in(PinEnrolment.objects.get().token_hash),
    ]

    assert len({str(is_refused(answer)) for answer in answers}) == 1
    assert not Session.objects.exists()


def test_an_unknown_device_costs_as_much_hashing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token = make_enrolment(alice)
    monkeypatch.setattr(hashers, "SLOTS", Slots(0, waiting=0))

    for answer in (sign_in(token), sign_in("unknown")):
        refusal_of(answer, 503, "SERVICE_UNAVAILABLE")
    assert failures() == 0


def test_the_fifth_wrong_pin_in_a_row_ends_the_devices_enrolment_and_no_others(alice: User) -> None:
    token, other = make_enrolment(alice), make_enrolment(alice)
    for _ in range(4):
        is_refused(sign_in(token, WRONG))
    assert PinEnrolment.objects.count() == 2

    is_refused(sign_in(token, WRONG))

    assert PinEnrolment.objects.count() == 1
    is_refused(sign_in(token))
    assert not Session.objects.exists()
    data_of(sign_in(other))


def test_a_right_pin_begins_the_count_anew(alice: User) -> None:
    token = make_enrolment(alice)
    for _ in range(2):
        for _ in range(4):
            is_refused(sign_in(token, WRONG))
        data_of(sign_in(token))
        assert failures() == 0


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each PIN that was compared was right, in the order in which they were."""
    outcomes: list[bool] = []
    compare = pin_sign_in.check_password

    def watched(pin: str, encoded: str) -> bool:
        outcomes.append(compare(pin, encoded))
        return outcomes[-1]

    monkeypatch.setattr(pin_sign_in, "check_password", watched)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_of_twenty_wrong_pins_at_once_five_are_compared(alice: User, compared: list[bool]) -> None:
    token = make_enrolment(alice)

    answers = at_once(20, lambda number: sign_in(token, f"{5000 + number}"))

    assert len({str(is_refused(answer)) for answer in answers}) == 1
    assert compared == [False] * 5
    assert not PinEnrolment.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_a_right_pin_among_wrong_ones_gets_in_before_the_fifth_or_not_at_all(
    alice: User, compared: list[bool], turn: int
) -> None:
    token = make_enrolment(alice)

    answers = at_once(12, lambda number: sign_in(token, PIN if number == 6 else f"{5000 + number}"))

    assert [number for number, answer in enumerate(answers) if answer.status_code == 200] == [6] * compared.count(True)
    assert Session.objects.count() == compared.count(True)
    wrong_at_last = compared[::-1].index(True) if True in compared else len(compared)
    assert wrong_at_last == 5  # after which nothing was compared any more
    assert compared.count(False) - 5 in range(5)
    assert not PinEnrolment.objects.exists()


def test_an_inactive_person_is_refused(alice: User) -> None:
    token = make_enrolment(alice)
    User.objects.update(is_active=False)
    is_refused(sign_in(token))
    assert not Session.objects.exists()


def test_another_address_is_told_of_as_after_any_sign_in(alice: User) -> None:
    token = make_enrolment(alice)
    data_of(sign_in(token))
    data_of(sign_in(token, address="192.0.2.2"))
    assert [mail.kind for mail in OutgoingMail.objects.order_by("created_at")] == ["pin-set-up", "new-device"]


def test_failures_count_against_the_address_as_those_with_a_password_do(alice: User, settings: LazySettings) -> None:
    token = make_enrolment(alice)
    settings.THROTTLE_SCALE = 1
    shared_storage().reset()
    for number in range(5):
        is_refused(sign_in("unknown"))
        body = {"email": f"guess{number}@example.com", "password": PASSWORD}
        refusal_of(APIClient().post("/api/v1/auth/login", body, REMOTE_ADDR="127.0.0.1"), 401, "INVALID_CREDENTIALS")

    refusal_of(sign_in(token), 429, "RATE_LIMITED")
    assert not Session.objects.exists()
    data_of(sign_in(token, address="192.0.2.2"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("pin", None), ("pin", 4096), ("pin", "409"), ("pin", "abcd"), ("deviceToken", 5), ("deviceToken", "x" * 201)],
)
def test_what_does_not_fit_is_refused_and_not_counted(alice: User, field: str, value: Any) -> None:
    body = {"deviceToken": make_enrolment(alice), "pin": WRONG, field: value}
    assert refused_fields(APIClient().post(URL, body)) == {field}
    assert failures() == 0
