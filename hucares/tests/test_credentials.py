"""Every operation of the OpenAPI document, asked with credentials that are no good (any more)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.sessions import end_sessions
from accounts.tests.builders import PASSWORD, PIN, make_session
from accounts.tokens import access_token, refresh_token
from hucares.tests.answers import refusal_of
from hucares.tests.cast import World
from hucares.tests.matrix import ask, assert_answered, first_rows
from hucares.tests.openapi import by_shape, is_open
from hucares.tests.snapshots import changes, snapshot

Headers = dict[str, str]


def bearer(token: str) -> Headers:
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


def nothing(world: World) -> Headers:
    return {}


def cookie_of_the_admin_site(world: World) -> Headers:
    User.objects.filter(username="admin").update(is_staff=True)
    browser = Client()
    browser.force_login(world.people["admin"])
    return {"HTTP_COOKIE": browser.cookies.output(header="", attrs=[])}


def expired_token(world: World) -> Headers:
    with time_machine.travel(timezone.now() - timedelta(minutes=15), tick=False):
        return bearer(access_token(world.sessions["admin"]))


def revoked_session(world: World) -> Headers:
    session = make_session(world.people["admin"])
    end_sessions([session])
    return bearer(access_token(session))


def session_that_is_over(world: World) -> Headers:
    session = make_session(world.people["admin"])
    token = access_token(session)
    type(session).objects.filter(pk=session.pk).update(expires_at=timezone.now())
    return bearer(token)


def deactivated_person(world: World) -> Headers:
    return bearer(access_token(world.sessions["deactivated"]))


def erased_person(world: World) -> Headers:
    return bearer(access_token(world.sessions["erased"]))


def forged_token(world: World) -> Headers:
    return bearer(access_token(world.sessions["admin"])[:-4] + "AAAA")


def refresh_token_instead(world: World) -> Headers:
    return bearer(refresh_token(world.sessions["admin"]))


STATES: dict[Callable[[World], Headers], str] = {
    nothing: "NOT_AUTHENTICATED",
    cookie_of_the_admin_site: "NOT_AUTHENTICATED",
    expired_token: "TOKEN_EXPIRED",
    revoked_session: "SESSION_REVOKED",
    session_that_is_over: "SESSION_REVOKED",
    deactivated_person: "SESSION_REVOKED",
    erased_person: "SESSION_REVOKED",
    forged_token: "TOKEN_INVALID",
    refresh_token_instead: "TOKEN_INVALID",
}
closed = [row for row in first_rows().values() if not is_open(by_shape()[row.shape])]
opened = [row for row in first_rows().values() if is_open(by_shape()[row.shape])]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__.replace("_", " "))
def test_credentials_that_are_no_good_are_refused_by_everything_and_nothing_changes(
    world: World, state: Callable[[World], Headers]
) -> None:
    headers = state(world)
    before = snapshot()
    assert closed

    for row in closed:
        response = ask(row.call, row.body, world.words("admin", row.at), **headers)

        refusal_of(response, 401, STATES[state])
        assert response["WWW-Authenticate"] == 'Bearer realm="api"', row.shape
        assert (row.shape, changes(before, snapshot())) == (row.shape, {})


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__.replace("_", " "))
def test_what_is_open_does_not_look_at_them(world: World, state: Callable[[World], Headers]) -> None:
    headers = state(world)
    assert opened

    for row in opened:
        with transaction.atomic():
            response = ask(row.call, row.body, world.words("admin", row.at), **headers)
            transaction.set_rollback(True)

        assert_answered(response, "ok", by_shape()[row.shape])


Attempt = Callable[[World, str], tuple[str, dict[str, str]]]  # the call and its body


def log_in(world: World, name: str) -> tuple[str, dict[str, str]]:
    return "POST /auth/login", {"email": f"{name}@example.com", "password": PASSWORD}


def log_in_with_a_wrong_password(world: World, name: str) -> tuple[str, dict[str, str]]:
    return "POST /auth/login", {"email": f"{name}@example.com", "password": f"{PASSWORD}?"}


def log_in_by_pin(world: World, name: str) -> tuple[str, dict[str, str]]:
    return "POST /auth/pin/login", {"deviceToken": world.belongings[name]["device_token"], "pin": PIN}


def refresh(world: World, name: str) -> tuple[str, dict[str, str]]:
    return "POST /auth/refresh", {"refreshToken": refresh_token(world.sessions[name])}


def refresh_after_logout(world: World, name: str) -> tuple[str, dict[str, str]]:
    end_sessions([world.sessions[name]])
    return refresh(world, name)


def refresh_too_late(world: World, name: str) -> tuple[str, dict[str, str]]:
    with time_machine.travel(timezone.now() - timedelta(days=7), tick=False):
        token = refresh_token(make_session(world.people[name]))
    return "POST /auth/refresh", {"refreshToken": token}


def refresh_with_an_access_token(world: World, name: str) -> tuple[str, dict[str, str]]:
    return "POST /auth/refresh", {"refreshToken": access_token(world.sessions[name])}


def reset_password(world: World, name: str) -> tuple[str, dict[str, str]]:
    return "POST /auth/reset-password", {"token": world.belongings[name]["reset_token"], "newPassword": "An0ther!!"}


def verify_email(world: World, name: str) -> tuple[str, dict[str, str]]:
    return "POST /auth/verify-email", {"token": world.belongings[name]["verification_token"]}


REFUSED: list[tuple[Attempt, str, int, str]] = [
    (log_in, "deactivated", 401, "INVALID_CREDENTIALS"),
    (log_in, "erased", 401, "INVALID_CREDENTIALS"),
    (log_in_with_a_wrong_password, "admin", 401, "INVALID_CREDENTIALS"),
    (log_in_by_pin, "erased", 401, "INVALID_CREDENTIALS"),
    (refresh, "deactivated", 401, "SESSION_REVOKED"),
    (refresh, "erased", 401, "SESSION_REVOKED"),
    (refresh_after_logout, "admin", 401, "SESSION_REVOKED"),
    (refresh_too_late, "admin", 401, "TOKEN_EXPIRED"),
    (refresh_with_an_access_token, "admin", 401, "TOKEN_INVALID"),
    (reset_password, "deactivated", 400, "INVALID_TOKEN"),
    (reset_password, "erased", 400, "INVALID_TOKEN"),
    (verify_email, "deactivated", 400, "INVALID_TOKEN"),
    (verify_email, "erased", 400, "INVALID_TOKEN"),
]


@pytest.mark.parametrize(("attempt", "name", "status", "code"), REFUSED)
def test_nobody_comes_in_again_by_what_is_open(
    world: World, attempt: Attempt, name: str, status: int, code: str
) -> None:
    call, body = attempt(world, name)
    before = snapshot()

    refusal_of(ask(call, body, {}), status, code)

    assert changes(before, snapshot()) == {}
