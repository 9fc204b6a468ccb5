"""A whole life with the API leaves no secret behind: not in the database, the counters, the logs or the mails."""

from __future__ import annotations

import base64
import io
import json
import logging
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client
from django.utils import timezone

from accounts.mail import deliver_due_mails
from accounts.models import OutgoingMail, User
from accounts.tests.builders import make_session, token_in
from accounts.tests.pictures import plain
from hucares.tests.life import SECRET_KEYS, SETTINGS, Life
from hucares.tests.secrets_search import found_in, hearing_everything
from hucares.throttling import shared_storage
from notifications.tests.builders import KEYS

logger = logging.getLogger(__name__)

USERNAME = "erin_of_the_porch"
OLD, NEW = "erin@example.com", "erin@new.example"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def life(
    settings: LazySettings, tmp_path: Path, mailoutbox: list[Any], caplog: pytest.LogCaptureFixture
) -> Iterator[Life]:
    """Limits count, though nobody reaches them; every logger is heard."""
    settings.MEDIA_ROOT = tmp_path
    settings.THROTTLE_SCALE = 100
    shared_storage().reset()
    with hearing_everything(caplog):
        yield Life(mailoutbox, caplog)
    shared_storage().reset()


def new_password() -> str:
    """One that is written differently in every encoding."""
    return f'Über "A1\\&{secrets.token_hex(6)}'


class RepeatingServer(BaseEmailBackend):
    """A mail server that refuses a mail with all that stands in it."""

    def send_messages(self, messages: Any) -> int:
        get_connection("django.core.mail.backends.locmem.EmailBackend").send_messages(messages)
        raise OSError(messages[0].body)


def register(life: Life) -> str:
    """The password."""
    password = new_password()
    person = {"username": USERNAME, "email": OLD, "password": password}
    life.call("post", "/auth/register", {**person, "password": "weak-but-secret"}, status=400)
    life.call("post", "/auth/register", json.dumps(person)[:-1], status=400, content_type="application/json")
    life.call("post", "/auth/register", person, status=201)
    life.call("post", "/auth/register", {**person, "password": new_password()}, status=409)
    life.call("post", "/auth/verify-email", {"token": secrets.token_urlsafe(32)}, status=400)
    life.call("post", "/auth/verify-email", {"token": life.mailed_token(OLD)})
    return password


def sign_in_and_refresh(life: Life, password: str) -> None:
    life.call("post", "/auth/login", {"email": OLD, "password": new_password()}, status=401)
    life.call("post", "/auth/login", {"email": "nobody@example.com", "password": new_password()}, status=401)
    tokens = life.call("post", "/auth/login", {"email": OLD, "password": password}, HTTP_USER_AGENT="Another")
    first = {"refreshToken": tokens["refreshToken"]}
    second = {"refreshToken": life.call("post", "/auth/refresh", first)["refreshToken"]}
    life.call("post", "/auth/refresh", second)
    life.call("post", "/auth/refresh", first, status=401)  # used before: the session ends
    life.call("get", "/users/profile", status=401)
    life.call("post", "/auth/refresh", {"refreshToken": f"{second['refreshToken']}x"}, status=401)
    life.call("post", "/auth/login", {"email": OLD, "password": password})


def change_password(life: Life, password: str) -> str:
    """The new password."""
    new = new_password()
    life.call("post", "/auth/change-password", {"currentPassword": new, "newPassword": new}, status=400)
    life.call("post", "/auth/change-password", {"currentPassword": password, "newPassword": "no-digits!"}, status=400)
    life.call("post", "/auth/change-password", {"currentPassword": password, "newPassword": new})
    return new


def reset_password(life: Life, settings: LazySettings) -> str:
    """The new password. The first mail is refused by the mail server."""
    new = new_password()
    life.call("post", "/auth/forgot-password", {"email": OLD})
    settings.EMAIL_BACKEND = f"{__name__}.{RepeatingServer.__name__}"
    life.mailed_token(OLD)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    OutgoingMail.objects.filter(sent_at=None).update(due_at=timezone.now())
    token = life.mailed_token(OLD)
    life.call("post", "/auth/reset-password", {"token": token, "newPassword": "too-weak"}, status=400)
    life.call("post", "/auth/reset-password", {"token": token, "newPassword": new})
    life.call("post", "/auth/reset-password", {"token": token, "newPassword": new_password()}, status=400)
    return new


def change_email(life: Life, password: str) -> None:
    life.call("post", "/auth/login", {"email": OLD, "password": password})
    life.call("post", "/auth/change-email", {"newEmail": NEW, "password": new_password()}, status=400)
    life.call("post", "/auth/change-email", {"newEmail": NEW, "password": password})
    life.mailed_token(NEW)
    life.call("post", "/auth/resend-verification")
    life.call("post", "/auth/verify-email", {"token": life.mailed_token(NEW)})


def use_a_pin(life: Life, password: str) -> None:
    """Of eight digits, so that it cannot turn up by chance."""
    pin = "58213907"
    life.call("post", "/auth/pin", {"pin": pin, "password": new_password()}, status=400)
    life.call("post", "/auth/pin", {"pin": "12345678", "password": password}, status=400)
    token = life.call("post", "/auth/pin", {"pin": pin, "password": password})["deviceToken"]
    life.call("post", "/auth/pin/login", {"deviceToken": token, "pin": "90731285"}, status=401)
    life.call("post", "/auth/pin/login", {"deviceToken": secrets.token_urlsafe(32), "pin": pin}, status=401)
    life.call("post", "/auth/pin/login", {"deviceToken": token, "pin": pin})


def use_devices(life: Life, password: str) -> None:
    endpoint = f"https://push.example/{secrets.token_urlsafe(24)}"
    life.call(
        "post",
        "/users/push-subscriptions",
        {"endpoint": endpoint, "keys": {**KEYS, "auth": "too-short-secret"}},
        status=400,
    )
    row = life.call("post", "/users/push-subscriptions", {"endpoint": endpoint, "keys": KEYS}, status=201)
    life.call("post", "/users/avatar", {"avatar": io.BytesIO(plain())}, format="multipart")
    life.call("delete", "/users/avatar", status=204)
    life.call("delete", f"/users/push-subscriptions/{row['id']}", status=204)
    life.call("post", "/auth/login", {"email": NEW, "password": password}, HTTP_USER_AGENT="A third one")
    sessions = life.call("get", "/auth/sessions")
    other = next(session for session in sessions if not session["current"])
    life.call("delete", f"/auth/sessions/{other['id']}", status=204)
    life.call("post", "/auth/logout", {"everywhere": True})


def visit_the_admin(life: Life) -> None:
    """As a member of staff, whose password is a secret too."""
    password = new_password()
    life.learn({"password": password})
    User.objects.create_superuser("staff@example.com", password)
    for typed, status in ((f"{password}x", 200), (password, 302)):
        form = {"username": "staff@example.com", "password": typed}
        assert Client().post("/admin/login/", form).status_code == status
    life.look()


def play(life: Life, settings: LazySettings) -> None:
    password = register(life)
    sign_in_and_refresh(life, password)
    change_password(life, password)
    password = reset_password(life, settings)
    change_email(life, password)
    use_a_pin(life, password)
    use_devices(life, password)
    visit_the_admin(life)
    deliver_due_mails()
    life.look()


def test_no_secret_is_kept(life: Life, settings: LazySettings) -> None:
    play(life, settings)
    logger.debug("the one line that names %s", USERNAME)

    assert life.leaks() == set()

    # All of this would be in vain if nothing had been said, or nothing could be found.
    said = list(life.secrets.values())
    assert set(said) >= {*SETTINGS, *SECRET_KEYS}
    assert min(said.count("password"), said.count("token"), said.count("refreshToken")) >= 5
    assert {"endpoint", "p256dh", "auth"} <= set(life.for_sending.values())
    life.secrets = {USERNAME: "username", "127.0.0.1": "address", **life.for_sending}
    found = life.leaks()
    assert {("username", "the database"), ("username", "the logs"), ("address", "the counters")} <= found
    assert ("endpoint", "the database") in found
    assert {place for name, place in found if name == "username" and "mail" in place} == {
        f"mail {number}, {mail.subject}" for number, mail in enumerate(life.mailoutbox)
    }


def test_each_mailed_token_is_in_one_mail_alone(life: Life, settings: LazySettings) -> None:
    play(life, settings)

    tokens = [token_in(mail) for mail in life.mailoutbox if "#token=" in mail.body]
    assert len(tokens) == len(set(tokens)) == 5
    rows = " ".join(str(row) for row in OutgoingMail.objects.values())
    assert found_in(rows, dict.fromkeys(tokens, "token")) == set()
    assert found_in(rows, {OLD: "address"}) == {"address"}


SECRET = 'Über "A1\\&swordfish'
WAYS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "in capitals": str.upper,
    "in quotation marks": repr,
    "in JSON": json.dumps,
    "in a URL": quote,
    "in hexadecimal": lambda text: text.encode().hex(),
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64 after one byte": lambda text: base64.urlsafe_b64encode(b"?" + text.encode() + b"and more").decode(),
    "in base64 after two bytes": lambda text: base64.b64encode(b"??" + text.encode() + b"and more").decode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_search_finds_a_secret_however_it_is_written(life: Life, alice: User, way: str) -> None:
    life.learn({"password": SECRET})
    life.look()
    assert life.leaks() == set()

    written = WAYS[way](SECRET)
    session = make_session(alice)
    session.user_agent = f"before {written} after"
    session.save()
    cache.set("planted", f"before {written} after", timeout=60)
    logging.getLogger("django.request").debug("before %s after", written)
    life.look()
    cache.delete("planted")

    places = {place for name, place in life.leaks() if name == "password"}
    assert places >= {"the database", "the counters", "the logs"}
