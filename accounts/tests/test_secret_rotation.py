"""Secrets are replaced without signing anybody out: the first one signs, and all of them verify."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from django.conf import LazySettings
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.refusals import refusal_in, unsubscribe_link
from accounts.tests.builders import make_session
from accounts.tokens import access_token, refresh_token
from hucares.tests.answers import data_of, refusal_of

NEW = "the-secret-that-signs-from-now-on-0123456789"
FOREIGN = "a-secret-that-was-never-one-of-ours-0123456789"


@pytest.fixture
def session(alice: User) -> Session:
    return make_session(alice)


def rotate(settings: LazySettings, name: str, *, keep: bool = True) -> str:
    """Put a new secret before the one that there is, or in its place; the former one."""
    former = str(getattr(settings, name))
    setattr(settings, name, NEW)
    setattr(settings, f"{name}_FALLBACKS", [former] if keep else [])
    return former


def profile_with(token: str) -> Any:
    return APIClient().get("/api/v1/users/profile", HTTP_AUTHORIZATION=f"Bearer {token}")


def spend(token: str) -> Any:
    return APIClient().post("/api/v1/auth/refresh", {"refreshToken": token})


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def test_access_tokens_of_the_former_secret_work_on(session: Session, settings: LazySettings) -> None:
    before = access_token(session)
    former = rotate(settings, "JWT_ACCESS_SECRET")
    after = access_token(session)

    assert data_of(profile_with(before)) == data_of(profile_with(after))
    assert jwt.decode(after, NEW, algorithms=["HS256"])["sid"] == str(session.pk)
    assert len({kid_of(before), kid_of(after)}) == 2
    assert kid_of(before) not in former


def test_once_it_is_gone_they_do_not(session: Session, settings: LazySettings) -> None:
    before = access_token(session)
    rotate(settings, "JWT_ACCESS_SECRET", keep=False)

    refusal_of(profile_with(before), 401, "TOKEN_INVALID")
    assert data_of(profile_with(access_token(session)))["username"] == "alice"


def test_refresh_tokens_of_the_former_secret_work_on_and_get_successors_of_the_new_one(
    session: Session, settings: LazySettings
) -> None:
    before = refresh_token(session)
    rotate(settings, "JWT_REFRESH_SECRET")

    pair = data_of(spend(before))

    assert jwt.decode(pair["refreshToken"], NEW, algorithms=["HS256"])["counter"] == 1
    assert data_of(spend(pair["refreshToken"]))


def test_once_it_is_gone_a_refresh_token_changes_nothing(session: Session, settings: LazySettings) -> None:
    before = refresh_token(session)
    rotate(settings, "JWT_REFRESH_SECRET", keep=False)

    refusal_of(spend(before), 401, "TOKEN_INVALID")

    session.refresh_from_db()
    assert (session.counter, session.revoked_at) == (0, None)


def test_a_token_that_names_no_key_is_tried_with_all(session: Session, settings: LazySettings) -> None:
    claims = jwt.decode(access_token(session), options={"verify_signature": False})
    former = rotate(settings, "JWT_ACCESS_SECRET")

    for secret in (former, NEW):
        assert data_of(profile_with(jwt.encode(claims, secret)))["username"] == "alice"
    refusal_of(profile_with(jwt.encode(claims, FOREIGN)), 401, "TOKEN_INVALID")


def test_a_token_that_names_a_key_must_be_signed_with_it(session: Session, settings: LazySettings) -> None:
    honest = access_token(session)
    claims = jwt.decode(honest, options={"verify_signature": False})
    former = rotate(settings, "JWT_ACCESS_SECRET")

    for secret, kid in ((NEW, kid_of(honest)), (former, kid_of(access_token(session))), (NEW, "0123abcd"), (NEW, "")):
        forged = jwt.encode(claims, secret, headers={"kid": kid})
        refusal_of(profile_with(forged), 401, "TOKEN_INVALID")


def test_an_expired_token_of_the_former_secret_is_told_apart_from_a_bad_one(
    session: Session, settings: LazySettings
) -> None:
    claims = jwt.decode(access_token(session), options={"verify_signature": False})
    former = rotate(settings, "JWT_ACCESS_SECRET")

    refusal_of(profile_with(jwt.encode({**claims, "exp": 1}, former)), 401, "TOKEN_EXPIRED")


@pytest.mark.parametrize("keep", [True, False])
def test_links_in_old_mails_work_as_long_as_the_former_secret_is_there(
    alice: User, settings: LazySettings, keep: bool
) -> None:
    link = unsubscribe_link("weeklyReminder", alice.email, alice)
    rotate(settings, "SECRET_KEY", keep=keep)

    assert (refusal_in(link.rpartition("/")[2]) is not None) is keep


@pytest.mark.parametrize("keep", [True, False])
def test_so_do_sign_ins_to_the_admin(alice: User, settings: LazySettings, client: Client, keep: bool) -> None:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client.force_login(alice)
    rotate(settings, "SECRET_KEY", keep=keep)

    assert client.get("/admin/").status_code == (200 if keep else 302)
    if keep:  # and what they have renewed outlives the former secret
        settings.SECRET_KEY_FALLBACKS = []
        assert client.get("/admin/").status_code == 200
