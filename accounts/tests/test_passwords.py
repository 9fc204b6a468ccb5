"""How passwords are kept."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import make_password
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.tests.builders import PASSWORD, make_session, make_user
from accounts.tokens import access_token
from hucares.tests.answers import data_of, refusal_of

URL = "/api/v1/auth/login"
PARAMETERS = "argon2$argon2id$v=19$m=19456,t=2,p=1$"


@pytest.fixture
def veteran(db: None) -> User:
    """Somebody whose password was hashed long ago."""
    old = make_password(PASSWORD, hasher="pbkdf2_sha256")
    user = make_user("veteran")
    user.password = old
    user.save()
    return user


def test_a_password_is_hashed_with_argon2id() -> None:
    assert make_password(PASSWORD).startswith(PARAMETERS)


def test_an_old_hash_is_renewed_at_sign_in_and_nobody_is_signed_out(anonymous: APIClient, veteran: User) -> None:
    before = make_session(veteran)

    data_of(anonymous.post(URL, {"email": veteran.email, "password": PASSWORD}))

    veteran.refresh_from_db()
    assert veteran.password.startswith(PARAMETERS)
    assert veteran.check_password(PASSWORD)
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(before)}")
    assert data_of(anonymous.get("/api/v1/users/profile"))["username"] == "veteran"


def test_a_wrong_password_renews_nothing(anonymous: APIClient, veteran: User) -> None:
    refusal_of(anonymous.post(URL, {"email": veteran.email, "password": "Wrong1password"}), 401, "INVALID_CREDENTIALS")

    veteran.refresh_from_db()
    assert veteran.password.startswith("pbkdf2_sha256$")
    assert not Session.objects.exists()
