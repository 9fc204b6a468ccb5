"""POST /auth/register."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Session, User
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once

URL = "/api/v1/auth/register"
DANA = {"username": "Dana_7", "email": "Dana@Example.com", "password": "Quiet9river"}


@pytest.mark.django_db
def test_it_opens_an_account_and_signs_in(anonymous: APIClient) -> None:
    response = anonymous.post(URL, {**DANA, "timezone": "Europe/Berlin"}, HTTP_USER_AGENT="Firefox")
    data = data_of(response, 201)

    assert data.keys() == {"user", "accessToken", "refreshToken"}
    dana = User.objects.get()
    assert (dana.username, dana.email, dana.timezone) == ("Dana_7", "Dana@Example.com", "Europe/Berlin")
    assert dana.check_password("Quiet9river")
    session = dana.sessions.get()
    assert (session.user_agent, session.ip_address) == ("Firefox", "127.0.0.1")
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {data['accessToken']}")
    assert data_of(anonymous.get("/api/v1/users/profile"))["id"] == data["user"]["id"] == str(dana.pk)


@pytest.mark.django_db
def test_the_answer_holds_no_password_and_no_hash(anonymous: APIClient) -> None:
    response = anonymous.post(URL, DANA)

    assert data_of(response, 201)["user"]["timezone"] == "UTC"
    assert b"Quiet9river" not in response.content
    assert b"argon2" not in response.content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "ab"),
        ("username", "a" * 21),
        ("username", "with-dash"),
        ("username", "two words"),
        ("username", "ümlaut"),
        ("username", "nul\x00nul"),
        ("username", ""),
        ("username", None),
        ("username", 12345),
        ("username", ["dana"]),
        ("email", "dana"),
        ("email", "dana@host"),
        ("email", "dana@\N{KELVIN SIGN}itchen.example"),
        ("email", "dana@k\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}tchen.example"),
        ("email", "a" * 250 + "@example.com"),
        ("email", ""),
        ("email", None),
        ("email", {"dana": "example.com"}),
        ("password", "Quiet9r"),
        ("password", "Quiet9river" * 12),
        ("password", "quiet9river"),
        ("password", "QUIET9RIVER"),
        ("password", "QuietRiver"),
        ("password", "Password1"),
        ("password", "Dana_7Dana"),
        ("password", ""),
        ("password", None),
        ("password", 1234567890),
        ("timezone", "Mars/Olympus"),
        ("timezone", "localtime"),
        ("timezone", ""),
        ("timezone", None),
        ("timezone", 2),
    ],
)
def test_what_does_not_fit_is_refused_by_name(anonymous: APIClient, field: str, value: Any) -> None:
    assert refused_fields(anonymous.post(URL, {**DANA, field: value})) == {field}
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_password_like_the_address_is_refused(anonymous: APIClient) -> None:
    body = {**DANA, "email": "bluelantern@example.com", "password": "Bluelantern1"}

    assert refused_fields(anonymous.post(URL, body)) == {"password"}
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["username", "email", "password"])
def test_what_is_missing_is_refused_by_name(anonymous: APIClient, field: str) -> None:
    body = {name: value for name, value in DANA.items() if name != field}

    assert refused_fields(anonymous.post(URL, body)) == {field}
    assert not User.objects.exists()


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@Example.COM"])
def test_a_taken_address_is_refused_without_regard_to_case(anonymous: APIClient, alice: User, email: str) -> None:
    refusal_of(anonymous.post(URL, {**DANA, "email": email}), 409, "EMAIL_ALREADY_EXISTS")

    assert User.objects.get() == alice
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_an_address_may_have_small_letters_of_any_alphabet(anonymous: APIClient) -> None:
    data_of(anonymous.post(URL, {**DANA, "email": "Dana@küche.example"}), 201)

    assert User.objects.get().email == "Dana@küche.example"


@pytest.mark.parametrize("username", ["alice", "ALICE"])
def test_a_taken_username_is_refused_without_regard_to_case(anonymous: APIClient, alice: User, username: str) -> None:
    refusal_of(anonymous.post(URL, {**DANA, "username": username}), 409, "USERNAME_ALREADY_EXISTS")

    assert User.objects.get() == alice
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_nobody_can_promote_themselves(anonymous: APIClient) -> None:
    wanted = {
        "id": "018f0000-0000-7000-8000-000000000000",
        "isStaff": True,
        "is_staff": True,
        "isSuperuser": True,
        "is_superuser": True,
        "role": "admin",
        "emailVerified": True,
        "email_verified": True,
        "isActive": False,
    }
    user = data_of(anonymous.post(URL, {**DANA, **wanted}), 201)["user"]

    assert (user["role"], user["emailVerified"]) == ("user", False)
    assert user["id"] != wanted["id"]
    dana = User.objects.get()
    assert (dana.is_staff, dana.is_superuser, dana.email_verified, dana.is_active) == (False, False, False, True)


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_want_one_address_at_once_one_gets_it() -> None:
    def register(number: int) -> Any:
        while True:  # the server hashes two passwords at a time, and asks the others to come back
            answer = APIClient().post(URL, {**DANA, "username": f"dana_{number}"})
            if answer.status_code != 503:
                return answer

    answers = at_once(10, register)

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    for answer in answers:
        if answer.status_code == 409:
            refusal_of(answer, 409, "EMAIL_ALREADY_EXISTS")
    assert User.objects.count() == Session.objects.count() == 1
