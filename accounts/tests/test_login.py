"""POST /auth/login."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.tests.builders import PASSWORD

URL = "/api/v1/auth/login"


def test_it_signs_in_without_regard_to_the_case_of_the_address(anonymous: APIClient, alice: User) -> None:
    response = anonymous.post(URL, {"email": "ALICE@example.com", "password": PASSWORD})
    assert response.status_code == 200
    data = response.json()["data"]
    assert data["user"]["username"] == "alice"
    assert data["user"]["lastLoginAt"] is not None
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {data['accessToken']}")
    assert anonymous.get("/api/v1/users/profile").json()["data"]["id"] == str(alice.pk)


@pytest.mark.parametrize(
    ("email", "password"),
    [("alice@example.com", "Wrong1password"), ("nobody@example.com", PASSWORD), ("alice@example.com", "x")],
)
def test_a_wrong_address_and_a_wrong_password_answer_alike(
    anonymous: APIClient, alice: User, email: str, password: str
) -> None:
    response = anonymous.post(URL, {"email": email, "password": password})
    assert response.status_code == 401
    assert response.json()["error"] == {
        "code": "INVALID_CREDENTIALS",
        "message": "The e-mail address or the password is wrong.",
    }
    assert not Session.objects.exists()


def test_an_inactive_person_cannot_sign_in(anonymous: APIClient, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    response = anonymous.post(URL, {"email": alice.email, "password": PASSWORD})
    assert response.json()["error"]["code"] == "INVALID_CREDENTIALS"
    assert not Session.objects.exists()
