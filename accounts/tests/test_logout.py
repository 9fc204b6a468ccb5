"""POST /auth/logout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.signals import sessions_ended
from accounts.tests.builders import make_session
from accounts.tokens import access_token, refresh_token
from hucares.tests.answers import data_of, refusal_of, refused_fields

URL = "/api/v1/auth/logout"
PROFILE = "/api/v1/users/profile"


@pytest.fixture
def ended() -> Iterator[list[tuple[UUID, set[UUID]]]]:
    """(person, sessions) of each announcement that sessions have ended."""
    heard: list[tuple[UUID, set[UUID]]] = []

    def hear(sender: type[Session], user_id: UUID, session_ids: list[UUID], **kwargs: Any) -> None:
        heard.append((user_id, set(session_ids)))

    sessions_ended.connect(hear, sender=Session)
    yield heard
    sessions_ended.disconnect(hear, sender=Session)


def client_of(session: Session) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(session)}")
    return client


def test_it_ends_this_session_at_once_and_no_other(alice: User, ended: list[tuple[UUID, set[UUID]]]) -> None:
    phone, laptop = make_session(alice), make_session(alice)

    assert data_of(client_of(phone).post(URL)) == {"message": "Logged out successfully"}

    refusal_of(client_of(phone).get(PROFILE), 401, "SESSION_REVOKED")
    refusal_of(APIClient().post("/api/v1/auth/refresh", {"refreshToken": refresh_token(phone)}), 401, "SESSION_REVOKED")
    assert data_of(client_of(laptop).get(PROFILE))["username"] == "alice"
    assert ended == [(alice.pk, {phone.pk})]


def test_everywhere_ends_all_of_the_persons_sessions(
    alice: User, bob: User, ended: list[tuple[UUID, set[UUID]]]
) -> None:
    phone, laptop, bobs = make_session(alice), make_session(alice), make_session(bob)

    data_of(client_of(phone).post(URL, {"everywhere": True}))

    refusal_of(client_of(phone).get(PROFILE), 401, "SESSION_REVOKED")
    refusal_of(client_of(laptop).get(PROFILE), 401, "SESSION_REVOKED")
    assert data_of(client_of(bobs).get(PROFILE))["username"] == "bob"
    assert ended == [(alice.pk, {phone.pk, laptop.pk})]


def test_a_second_time_is_refused(alice: User, ended: list[tuple[UUID, set[UUID]]]) -> None:
    session = make_session(alice)
    data_of(client_of(session).post(URL))
    revoked_at = Session.objects.get().revoked_at

    refusal_of(client_of(session).post(URL), 401, "SESSION_REVOKED")
    assert Session.objects.get().revoked_at == revoked_at
    assert len(ended) == 1


@pytest.mark.parametrize("value", ["true", 1, None])
def test_everywhere_must_be_true_or_false(alice: User, ended: list[tuple[UUID, set[UUID]]], value: Any) -> None:
    session = make_session(alice)

    assert refused_fields(client_of(session).post(URL, {"everywhere": value})) == {"everywhere"}
    assert Session.objects.get().revoked_at is None
    assert not ended


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    make_session(alice)

    refusal_of(anonymous.post(URL), 401, "NOT_AUTHENTICATED")
    assert Session.objects.get().revoked_at is None
