"""GET /auth/sessions and DELETE /auth/sessions/:id."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.sessions import end_sessions
from accounts.tests.builders import make_session, signed_in
from accounts.tokens import access_token
from hucares.tests.answers import data_of, refusal_of

URL = "/api/v1/auth/sessions"


def test_it_lists_where_one_is_signed_in_the_place_used_last_first(alice: User, bob: User) -> None:
    make_session(bob)
    end_sessions([make_session(alice)])
    Session.objects.filter(pk=make_session(alice).pk).update(expires_at=timezone.now())
    older = make_session(alice)
    Session.objects.filter(pk=older.pk).update(last_used_at=timezone.now() - timedelta(days=1))
    client = signed_in(alice)

    here, there = data_of(client.get(URL))

    assert (here["current"], there["current"]) == (True, False)
    assert there["id"] == str(older.pk)
    assert there.keys() == {"id", "userAgent", "ipAddress", "createdAt", "lastUsedAt", "current"}
    assert (there["userAgent"], there["ipAddress"]) == ("tests", "127.0.0.1")


def test_more_sessions_take_no_more_statements(alice: User) -> None:
    client = signed_in(alice)
    statements = []
    for expected in (2, 12):
        while Session.objects.count() < expected:
            make_session(alice)
        client.get(URL)
        with CaptureQueriesContext(connection) as captured:
            assert len(data_of(client.get(URL))) == expected
        statements.append(len(captured))

    assert statements[0] == statements[1]


def test_using_a_session_moves_its_time_at_most_every_five_minutes(alice: User) -> None:
    session = make_session(alice)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(session)}")
    for minutes, moves in ((4, False), (6, True)):
        before = timezone.now() - timedelta(minutes=minutes)
        Session.objects.filter(pk=session.pk).update(last_used_at=before)
        data_of(client.get(URL))
        assert (Session.objects.get(pk=session.pk).last_used_at != before) is moves


def test_a_revoked_session_ends_at_once(anonymous: APIClient, alice: User) -> None:
    elsewhere = make_session(alice)
    client = signed_in(alice)

    assert client.delete(f"{URL}/{elsewhere.pk}").status_code == 204

    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(elsewhere)}")
    refusal_of(anonymous.get(URL), 401, "SESSION_REVOKED")
    assert len(data_of(client.get(URL))) == 1
    refusal_of(client.delete(f"{URL}/{elsewhere.pk}"), 404, "NOT_FOUND")


def test_somebody_elses_session_cannot_be_revoked(alice: User, bob: User) -> None:
    his = make_session(bob)

    refusal_of(signed_in(alice).delete(f"{URL}/{his.pk}"), 404, "NOT_FOUND")
    refusal_of(signed_in(alice).delete(f"{URL}/{uuid4()}"), 404, "NOT_FOUND")

    assert Session.objects.get(pk=his.pk).revoked_at is None


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    session = make_session(alice)
    refusal_of(anonymous.get(URL), 401, "NOT_AUTHENTICATED")
    refusal_of(anonymous.delete(f"{URL}/{session.pk}"), 401, "NOT_AUTHENTICATED")
    assert Session.objects.get(pk=session.pk).revoked_at is None
