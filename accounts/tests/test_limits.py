"""How often somebody may try to get in."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.conf import LazySettings
from rest_framework.test import APIClient

from accounts.models import OutgoingMail, Session, User
from accounts.tests.builders import PASSWORD, PIN, make_session, make_user, signed_in
from accounts.tokens import refresh_token
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.racing import at_once
from hucares.throttling import shared_storage

LOGIN = "/api/v1/auth/login"
REGISTER = "/api/v1/auth/register"
REFRESH = "/api/v1/auth/refresh"


@pytest.fixture(autouse=True)
def limits_are_on(settings: LazySettings) -> None:
    """Every limit at its full size, and nothing counted yet."""
    settings.THROTTLE_SCALE = 1
    shared_storage().reset()


def sign_in(email: str, password: str, address: str = "192.0.2.1") -> Any:
    return APIClient().post(LOGIN, {"email": email, "password": password}, REMOTE_ADDR=address)


def wrong(email: str, address: str = "192.0.2.1") -> Any:
    return sign_in(email, "Wrong1password", address)


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_five_failures_for_one_account_and_then_even_the_right_password_waits(alice: User, email: str) -> None:
    for _ in range(5):
        refusal_of(wrong(email.upper()), 401, "INVALID_CREDENTIALS")

    answer = sign_in(email, PASSWORD)

    refusal_of(answer, 429, "RATE_LIMITED")
    assert 1 <= int(answer["Retry-After"]) <= 15 * 60
    assert not Session.objects.exists()


def test_the_same_account_is_open_from_another_address(alice: User) -> None:
    for _ in range(5):
        wrong(alice.email)
    data_of(sign_in(alice.email, PASSWORD, "192.0.2.2"))


def test_ten_failures_from_one_address_whatever_the_accounts(alice: User) -> None:
    for number in range(10):
        refusal_of(wrong(f"guess{number}@example.com"), 401, "INVALID_CREDENTIALS")

    answer = sign_in(alice.email, PASSWORD)
    refusal_of(answer, 429, "RATE_LIMITED")
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_signing_in_rightly_counts_for_nothing(alice: User) -> None:
    for _ in range(12):
        data_of(sign_in(alice.email, PASSWORD))
    for _ in range(5):
        refusal_of(wrong(alice.email), 401, "INVALID_CREDENTIALS")
    refusal_of(wrong(alice.email), 429, "RATE_LIMITED")


def test_being_refused_costs_nothing_more(alice: User) -> None:
    for _ in range(5):
        wrong(alice.email)
    for _ in range(10):
        refusal_of(wrong(alice.email), 429, "RATE_LIMITED")
    for number in range(5):  # the address has five of its ten left
        refusal_of(wrong(f"guess{number}@example.com"), 401, "INVALID_CREDENTIALS")


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_however_many_guess_at_once(alice: User) -> None:
    def guess(number: int) -> int:
        while (status := wrong(alice.email).status_code) == 503:
            pass
        return int(status)

    assert sorted(at_once(20, guess)) == [401] * 5 + [429] * 15


@pytest.mark.django_db
def test_ten_registrations_an_hour_from_one_address() -> None:
    def register(number: int, address: str) -> Any:
        body = {"username": f"dana_{number}", "email": f"dana{number}@example.com", "password": PASSWORD}
        return APIClient().post(REGISTER, body, REMOTE_ADDR=address)

    for number in range(10):
        data_of(register(number, "192.0.2.1"), 201)
    refusal_of(register(10, "192.0.2.1"), 429, "RATE_LIMITED")
    assert User.objects.count() == 10
    data_of(register(10, "192.0.2.2"), 201)


def test_sixty_refreshes_an_hour_of_one_session(alice: User) -> None:
    session = make_session(alice)
    token = refresh_token(session)
    for _ in range(60):
        token = data_of(APIClient().post(REFRESH, {"refreshToken": token}))["refreshToken"]
    refusal_of(APIClient().post(REFRESH, {"refreshToken": token}), 429, "RATE_LIMITED")
    assert Session.objects.get(pk=session.pk).counter == 60

    other = refresh_token(make_session(make_user("dora")))
    data_of(APIClient().post(REFRESH, {"refreshToken": other}))


def test_the_scale_multiplies_and_zero_turns_off(alice: User, settings: LazySettings) -> None:
    settings.THROTTLE_SCALE = 0.2
    refusal_of(wrong(alice.email), 401, "INVALID_CREDENTIALS")
    refusal_of(wrong(alice.email), 429, "RATE_LIMITED")
    settings.THROTTLE_SCALE = 0
    refusal_of(wrong(alice.email), 401, "INVALID_CREDENTIALS")


WRONG = "Wrong1password"
CALLS_THAT_TAKE_ONES_PASSWORD: dict[str, tuple[str, str, dict[str, str]]] = {
    "change the password": (
        "post",
        "/api/v1/auth/change-password",
        {"currentPassword": WRONG, "newPassword": "Another2horse"},
    ),
    "change the address": ("post", "/api/v1/auth/change-email", {"newEmail": "new@example.com", "password": WRONG}),
    "set up a PIN": ("post", "/api/v1/auth/pin", {"pin": PIN, "password": WRONG}),
    "erase the account": ("delete", "/api/v1/users/account", {"password": WRONG}),
}


def ask(client: APIClient, what: str, **rest: str) -> Any:
    method, url, body = CALLS_THAT_TAKE_ONES_PASSWORD[what]
    return getattr(client, method)(url, {**body, **rest})


@pytest.mark.parametrize("what", ["change the password", "erase the account"])
def test_ten_wrong_passwords_an_hour_of_somebody_who_is_signed_in(alice: User, bob: User, what: str) -> None:
    client = signed_in(alice)
    for _ in range(10):
        refusal_of(ask(client, what), 400, "VALIDATION_ERROR")

    for other in CALLS_THAT_TAKE_ONES_PASSWORD:  # not even the right one, whatever it is asked for
        field = "currentPassword" if other == "change the password" else "password"
        answer = ask(client, other, **{field: PASSWORD})
        refusal_of(answer, 429, "RATE_LIMITED")
        assert 1 <= int(answer["Retry-After"]) <= 3600

    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)
    assert not OutgoingMail.objects.exists()
    refusal_of(ask(signed_in(bob), what), 400, "VALIDATION_ERROR")


def test_right_passwords_of_somebody_who_is_signed_in_count_for_nothing(alice: User) -> None:
    client = signed_in(alice)
    passwords = [PASSWORD, "Another2horse"] * 7
    for current, new in itertools.pairwise(passwords):
        data_of(ask(client, "change the password", currentPassword=current, newPassword=new))


@pytest.mark.django_db(transaction=True)
def test_nor_does_it_help_to_guess_ones_password_many_times_at_once(alice: User) -> None:
    token = signed_in(alice)._credentials

    def guess(number: int) -> int:
        client = APIClient()
        client.credentials(**token)
        while (status := ask(client, "erase the account").status_code) == 503:
            pass
        return int(status)

    assert sorted(at_once(20, guess)) == [400] * 10 + [429] * 10
