"""A browser whose session is ended is told nothing more."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from accounts.mailed_tokens import new_reset_token
from accounts.models import Session, User
from accounts.sessions import end_sessions
from accounts.tests.builders import PASSWORD, make_session, signed_in
from accounts.tokens import access_token
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.racing import during
from notifications.models import PushSubscription
from notifications.tests.builders import ENDPOINT, KEYS, make_subscription

URL = "/api/v1/users/push-subscriptions"
LAPTOP = "https://push.example/laptop"
NEW = "Another2horse"


def client_of(session: Session) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(session)}")
    return client


def subscribe(client: APIClient, endpoint: str = ENDPOINT) -> UUID:
    return UUID(data_of(client.post(URL, {"endpoint": endpoint, "keys": KEYS}), 201)["id"])


def endpoints() -> set[str]:
    return set(PushSubscription.objects.values_list("endpoint", flat=True))


def log_out(client: APIClient, user: User) -> object:
    return data_of(client.post("/api/v1/auth/logout", {}))


def log_out_everywhere(client: APIClient, user: User) -> object:
    return data_of(client.post("/api/v1/auth/logout", {"everywhere": True}))


def change_password(client: APIClient, user: User) -> object:
    body = {"currentPassword": PASSWORD, "newPassword": NEW}
    return data_of(client.post("/api/v1/auth/change-password", body))


def reset_password(client: APIClient, user: User) -> object:
    return data_of(client.post("/api/v1/auth/reset-password", {"token": new_reset_token(user), "newPassword": NEW}))


@pytest.mark.parametrize(
    ("end", "left"),
    [
        pytest.param(log_out, {ENDPOINT}, id="signed out on the laptop"),
        pytest.param(log_out_everywhere, set(), id="signed out everywhere"),
        pytest.param(change_password, {LAPTOP}, id="another password, chosen on the laptop"),
        pytest.param(reset_password, set(), id="another password by mail"),
    ],
)
def test_it_goes_with_its_session(
    alice: User, bob: User, end: Callable[[APIClient, User], object], left: set[str]
) -> None:
    phone, laptop, theirs = signed_in(alice), signed_in(alice), signed_in(bob)
    subscribe(phone)
    subscribe(laptop, LAPTOP)
    subscribe(theirs, "https://push.example/bob")

    end(laptop, alice)

    assert endpoints() == left | {"https://push.example/bob"}


def test_what_is_sent_again_stays_with_the_session_that_sent_it_last(alice: User, bob: User) -> None:
    first, second = make_session(alice), make_session(bob)
    kept = subscribe(client_of(first))
    assert subscribe(client_of(second)) == kept

    end_sessions([first])
    assert PushSubscription.objects.get().session == second
    end_sessions([second])
    assert not PushSubscription.objects.exists()


def test_one_of_which_no_session_is_known_goes_with_any_of_its_persons(alice: User, bob: User) -> None:
    make_subscription(alice, ENDPOINT)
    make_subscription(bob, LAPTOP)

    end_sessions([make_session(alice)])

    assert endpoints() == {LAPTOP}


def test_it_outlives_the_row_of_its_session(alice: User) -> None:
    session = make_session(alice)
    subscribe(client_of(session))

    session.delete()

    assert PushSubscription.objects.get().session is None


@pytest.mark.needs_servers
@pytest.mark.django_db(transaction=True)
def test_a_session_that_is_ended_meanwhile_leaves_none_behind(alice: User) -> None:
    session = make_session(alice)
    client = client_of(session)
    client.get("/api/v1/users/profile")  # what a visit notes is noted

    answer = during(
        lambda: end_sessions([session]), lambda: client.post(URL, {"endpoint": ENDPOINT, "keys": KEYS})
    ).result()

    refusal_of(answer, 401, "SESSION_REVOKED")
    assert not PushSubscription.objects.exists()
