"""People for tests."""

from __future__ import annotations

import functools
import re
from typing import Any

from django.contrib.auth.hashers import make_password
from rest_framework.test import APIClient

from accounts.mail import deliver_due_mails
from accounts.models import Session, User
from accounts.pin_sign_in import enrol
from accounts.sessions import Device, begin_session
from accounts.tokens import access_token

PASSWORD = "Correct1horse"
PIN = "4096"


@functools.cache
def hashed_password() -> str:
    """The hash of `PASSWORD`, computed once: it is slow on purpose."""
    return make_password(PASSWORD)


def make_user(username: str, **fields: Any) -> User:
    """A person whose password is `PASSWORD`."""
    fields.setdefault("email", f"{username}@example.com")
    return User.objects.create(username=username, password=hashed_password(), **fields)


def make_session(user: User) -> Session:
    """A sign-in of this person."""
    return begin_session(user=user, device=Device("tests", "127.0.0.1"))


def make_enrolment(user: User) -> str:
    """The token of a device on which this person may sign in with `PIN`."""
    return enrol(user=user, pin=PIN, password=PASSWORD, device=Device("tests", "127.0.0.1"))


def signed_in(user: User, **options: Any) -> APIClient:
    """A REST client with an access token of this person."""
    client = APIClient(**options)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(make_session(user))}")
    return client


def token_in(message: Any) -> str:
    """The token of the link in a mail; the link stands in its text and its HTML."""
    (found,) = {*re.findall(r"#token=([\w-]+)", message.body)}
    assert f"#token={found}" in message.alternatives[0].content
    return str(found)


def newest_token(outbox: list[Any]) -> str:
    """Sends what is due; the token in the newest mail."""
    deliver_due_mails()
    return token_in(outbox[-1])
