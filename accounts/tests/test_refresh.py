"""POST /auth/refresh."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.tests.builders import make_session
from accounts.tests.forgery import FORGERIES, Honest, signed
from accounts.tokens import access_token, refresh_token
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.racing import at_once

URL = "/api/v1/auth/refresh"


@pytest.fixture
def session(alice: User) -> Session:
    """A sign-in of Alice."""
    return make_session(alice)


def spend(token: Any) -> Any:
    return APIClient().post(URL, {"refreshToken": token})


def successor_of(token: str) -> str:
    return str(data_of(spend(token))["refreshToken"])


def profile_with(token: str) -> Any:
    return APIClient().get("/api/v1/users/profile", HTTP_AUTHORIZATION=f"Bearer {token}")


def assert_untouched(session: Session) -> None:
    counter, rotated_at = session.counter, session.rotated_at
    session.refresh_from_db()
    assert (session.counter, session.rotated_at, session.revoked_at) == (counter, rotated_at, None)


def test_it_gives_a_new_pair(session: Session) -> None:
    first = refresh_token(session)
    data = data_of(spend(first))

    assert data.keys() == {"accessToken", "refreshToken"}
    assert data["refreshToken"] != first
    assert data_of(profile_with(data["accessToken"]))["username"] == "alice"
    session.refresh_from_db()
    assert session.counter == 1


def test_the_predecessor_gets_the_same_successor_for_ten_seconds(session: Session) -> None:
    first = refresh_token(session)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        second = successor_of(first)
        clock.shift(10)
        assert successor_of(first) == second
        assert successor_of(first) == second

    session.refresh_from_db()
    assert (session.counter, session.revoked_at) == (1, None)


def test_the_predecessor_after_ten_seconds_ends_the_session(session: Session) -> None:
    first = refresh_token(session)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        pair = data_of(spend(first))
        clock.shift(11)
        refusal_of(spend(first), 401, "TOKEN_REUSED")

        refusal_of(profile_with(pair["accessToken"]), 401, "SESSION_REVOKED")
        refusal_of(spend(pair["refreshToken"]), 401, "SESSION_REVOKED")


@pytest.mark.django_db(transaction=True)
def test_an_older_token_ends_the_session_and_that_is_committed(session: Session) -> None:
    other = make_session(session.user)
    first = refresh_token(session)
    second = successor_of(first)
    pair = data_of(spend(second))

    refusal_of(spend(first), 401, "TOKEN_REUSED")

    session.refresh_from_db()
    assert session.revoked_at is not None
    assert session.counter == 2
    refusal_of(profile_with(pair["accessToken"]), 401, "SESSION_REVOKED")
    refusal_of(spend(pair["refreshToken"]), 401, "SESSION_REVOKED")
    assert_untouched(other)
    assert data_of(profile_with(access_token(other)))["username"] == "alice"


@pytest.mark.django_db(transaction=True)
def test_twenty_who_spend_one_token_at_once_get_one_successor(session: Session) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:

        def spend_a_little_later(token: str) -> str:
            clock.shift(0.4)  # a second rotation would show: the instant of the rotation is in the token
            return successor_of(token)

        spent = {refresh_token(session)}
        for counter in range(1, 6):
            current = refresh_token(session)
            (successor,) = set(at_once(20, lambda number, token=current: spend_a_little_later(token)))
            session.refresh_from_db()
            assert (session.counter, session.revoked_at) == (counter, None)
            assert successor == refresh_token(session)
            assert successor not in spent
            spent.add(successor)


def test_a_token_lives_seven_days(session: Session) -> None:
    token = refresh_token(session)
    with time_machine.travel(session.rotated_at + timedelta(days=7, seconds=1), tick=False):
        refusal_of(spend(token), 401, "TOKEN_EXPIRED")
    assert_untouched(session)

    with time_machine.travel(session.rotated_at + timedelta(days=7, seconds=-2), tick=False):
        data_of(spend(token))


def test_a_session_ends_ninety_days_after_sign_in_whatever_happens(session: Session) -> None:
    token = refresh_token(session)
    with time_machine.travel(session.created_at, tick=False) as clock:
        for _ in range(14):
            clock.shift(timedelta(days=6))
            token = successor_of(token)
        clock.shift(timedelta(days=6) - timedelta(minutes=5))
        pair = data_of(spend(token))
        clock.shift(timedelta(minutes=6))

        refusal_of(spend(pair["refreshToken"]), 401, "TOKEN_EXPIRED")
        refusal_of(profile_with(pair["accessToken"]), 401, "TOKEN_EXPIRED")


FORGED = {
    **FORGERIES,
    "non-ascii": lambda honest: "tökén",
    "no counter": signed(without="counter"),
    "a counter that is no number": signed(counter="0"),
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("name", FORGED)
def test_a_token_that_we_did_not_make_is_refused(session: Session, name: str) -> None:
    honest = Honest(refresh_token(session), "JWT_REFRESH_SECRET", "JWT_ACCESS_SECRET", "access")
    error = refusal_of(spend(FORGED[name](honest)), 401, "TOKEN_INVALID")

    assert error.keys() == {"code", "message"}
    assert_untouched(session)


def test_an_access_token_is_no_refresh_token(session: Session) -> None:
    refusal_of(spend(access_token(session)), 401, "TOKEN_INVALID")
    assert_untouched(session)


@pytest.mark.parametrize("body", [{}, {"refreshToken": None}, {"refreshToken": ""}, {"refreshToken": 5}])
def test_a_body_without_a_token_is_refused(session: Session, body: dict[str, Any]) -> None:
    error = refusal_of(APIClient().post(URL, body), 400, "VALIDATION_ERROR")

    assert error["details"].keys() == {"refreshToken"}
    assert_untouched(session)


def test_a_revoked_session_goes_no_further(session: Session) -> None:
    session.revoked_at = timezone.now()
    session.save()

    refusal_of(spend(refresh_token(session)), 401, "SESSION_REVOKED")
    session.refresh_from_db()
    assert session.counter == 0


def test_a_session_that_is_gone_goes_no_further(session: Session) -> None:
    token = refresh_token(session)
    session.delete()

    refusal_of(spend(token), 401, "SESSION_REVOKED")


def test_an_inactive_person_goes_no_further(session: Session) -> None:
    User.objects.update(is_active=False)

    refusal_of(spend(refresh_token(session)), 401, "SESSION_REVOKED")
    assert_untouched(session)
