"""The access token: what it says, and each way in which it can be bad."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.tests.builders import make_session
from accounts.tests.forgery import FORGERIES, Honest
from accounts.tokens import access_token, refresh_token
from hucares.tests.answers import data_of, refusal_of

URL = "/api/v1/users/profile"


@pytest.fixture
def session(alice: User) -> Session:
    """A sign-in of Alice."""
    return make_session(alice)


def ask(authorization: str) -> Any:
    return APIClient().get(URL, HTTP_AUTHORIZATION=authorization)


def claims_of(session: Session) -> dict[str, Any]:
    return dict(jwt.decode(access_token(session), options={"verify_signature": False}))


def assert_refused(response: Any, code: str) -> None:
    error = refusal_of(response, 401, code)
    assert error.keys() == {"code", "message"}
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_it_holds_the_claims_of_the_contract(session: Session) -> None:
    with time_machine.travel(session.created_at, tick=False):
        claims = jwt.decode(access_token(session), settings.JWT_ACCESS_SECRET, algorithms=["HS256"])
    issued = int(session.created_at.timestamp())

    assert claims.pop("type") == "access"
    assert claims == {
        "userId": str(session.user_id),
        "username": "alice",
        "email": "alice@example.com",
        "role": "user",
        "sid": str(session.pk),
        "iat": issued,
        "exp": issued + 15 * 60,
    }


def test_the_role_of_staff_is_admin(alice: User) -> None:
    alice.is_staff = True
    alice.save()

    assert claims_of(make_session(alice))["role"] == "admin"


def test_the_role_is_read_from_the_database(session: Session) -> None:
    forged = jwt.encode({**claims_of(session), "role": "admin"}, settings.JWT_ACCESS_SECRET, algorithm="HS256")
    assert data_of(ask(f"Bearer {forged}"))["role"] == "user"

    User.objects.update(is_staff=True, email="new@example.com")
    profile = data_of(ask(f"Bearer {access_token(session)}"))
    assert (profile["role"], profile["email"]) == ("admin", "new@example.com")


def test_session_and_person_are_read_in_one_query(
    session: Session, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    User.objects.update(last_active_at=timezone.now())
    token = access_token(session)

    captured: CaptureQueriesContext
    with django_assert_num_queries(1) as captured:
        data_of(ask(f"Bearer {token}"))
    assert "sign_in_sessions" in captured[0]["sql"]


def test_activity_is_written_down_at_most_every_five_minutes(session: Session) -> None:
    token = access_token(session)
    with time_machine.travel(session.created_at, tick=False) as clock:
        first = data_of(ask(f"Bearer {token}"))["lastActiveAt"]
        clock.shift(299)
        assert data_of(ask(f"Bearer {token}"))["lastActiveAt"] == first
        clock.shift(1)
        assert data_of(ask(f"Bearer {token}"))["lastActiveAt"] > first


def test_it_lives_fifteen_minutes(session: Session) -> None:
    token = access_token(session)
    with time_machine.travel(session.created_at + timedelta(minutes=14), tick=False):
        data_of(ask(f"Bearer {token}"))
    with time_machine.travel(session.created_at + timedelta(minutes=15, seconds=1), tick=False):
        assert_refused(ask(f"Bearer {token}"), "TOKEN_EXPIRED")


def test_without_credentials_nobody_gets_in(session: Session, anonymous: APIClient) -> None:
    assert_refused(anonymous.get(URL), "NOT_AUTHENTICATED")


@pytest.mark.parametrize("scheme", ["Basic", "Token", "JWT"])
def test_another_scheme_is_no_credential(session: Session, scheme: str) -> None:
    assert_refused(ask(f"{scheme} {access_token(session)}"), "NOT_AUTHENTICATED")


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer ", "Bearer a b", "Bearer \xff\xfe", "Bearer tökén"])
def test_a_header_that_holds_no_token_is_refused(session: Session, authorization: str) -> None:
    assert_refused(ask(authorization), "TOKEN_INVALID")


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("name", FORGERIES)
def test_a_token_that_we_did_not_make_is_refused(session: Session, name: str) -> None:
    honest = Honest(access_token(session), "JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET", "refresh")
    assert_refused(ask(f"Bearer {FORGERIES[name](honest)}"), "TOKEN_INVALID")


def test_a_refresh_token_is_no_access_token(session: Session) -> None:
    assert_refused(ask(f"Bearer {refresh_token(session)}"), "TOKEN_INVALID")


def test_a_revoked_session_is_refused(session: Session) -> None:
    Session.objects.update(revoked_at=timezone.now())

    assert_refused(ask(f"Bearer {access_token(session)}"), "SESSION_REVOKED")


def test_a_session_past_its_end_is_refused(session: Session) -> None:
    Session.objects.update(expires_at=timezone.now())

    assert_refused(ask(f"Bearer {access_token(session)}"), "SESSION_REVOKED")


def test_an_inactive_person_is_refused(session: Session) -> None:
    User.objects.update(is_active=False)

    assert_refused(ask(f"Bearer {access_token(session)}"), "SESSION_REVOKED")


def test_a_person_who_is_gone_is_refused(session: Session, alice: User) -> None:
    token = access_token(session)
    alice.delete()

    assert_refused(ask(f"Bearer {token}"), "SESSION_REVOKED")
