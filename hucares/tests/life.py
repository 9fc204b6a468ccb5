"""A client that remembers every secret that was said, and looks after each call at all that is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from accounts.mail import deliver_due_mails
from accounts.tests.builders import token_in
from hucares.tests.secrets_search import found_in, text_of_mail, texts_in_counters, texts_in_database

# Members of bodies and answers whose value nobody but the client may keep.
SECRET_KEYS = {
    "password",
    "currentPassword",
    "newPassword",
    "token",
    "accessToken",
    "refreshToken",
    "pin",
    "deviceToken",
}
# What the database must know, for pushes are sent with it, but nobody else may.
SENDING_KEYS = {"endpoint", "p256dh", "auth"}
SETTINGS = ("SECRET_KEY", "JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET", "PIN_PEPPER")


class Life:
    """One person's calls, the secrets said in them, and the texts kept in the database and the counters since."""

    def __init__(self, mailoutbox: list[Any], caplog: pytest.LogCaptureFixture) -> None:
        self.client = APIClient()
        self.mailoutbox = mailoutbox
        self.caplog = caplog
        self.secrets: dict[str, str] = {getattr(settings, name): name for name in SETTINGS}
        self.for_sending: dict[str, str] = {}
        self.kept: dict[str, set[str]] = {"the database": set(), "the counters": set()}

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200, **options: Any) -> Any:
        """The data of the answer, which must have this status. A pair of tokens in it is used from then on."""
        self.learn(body)
        response = getattr(self.client, method)(f"/api/v1{path}", body, **options)
        assert response.status_code == status, response.content
        answer = response.json() if response.content else {}
        self.learn(answer)
        self.look()
        data = answer.get("data")
        if isinstance(data, dict) and "accessToken" in data:
            self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {data['accessToken']}")
        return data

    def learn(self, document: Any) -> None:
        """Remember the secrets in a body or an answer; of a signed token its signature alone is one, too."""
        for name, value in document.items() if isinstance(document, dict) else ():
            self.learn(value)
            if name in SECRET_KEYS and isinstance(value, str):
                self.secrets[value] = name
                if name in ("accessToken", "refreshToken") and value.count(".") == 2:
                    self.secrets[value.rpartition(".")[2]] = f"signature of {name}"
            if name in SENDING_KEYS and isinstance(value, str):
                self.for_sending[value] = name

    def look(self) -> None:
        """Take in what is kept now: a secret must not be there for a moment."""
        self.kept["the database"] |= texts_in_database()
        self.kept["the counters"] |= texts_in_counters()

    def mailed_token(self, address: str) -> str:
        """The token in the newest mail to an address, once all mails are sent."""
        deliver_due_mails()
        mails = [mail for mail in self.mailoutbox if mail.to == [address] and "#token=" in mail.body]
        token = token_in(mails[-1])
        self.learn({"token": token})
        self.look()
        return token

    def leaks(self) -> set[tuple[str, str]]:
        """(secret's name, where it is) of each secret that stands where it must not."""
        everything = self.secrets | self.for_sending
        places = {
            "the database": ("\n".join(self.kept["the database"]), self.secrets),
            "the counters": ("\n".join(self.kept["the counters"]), everything),
            "the logs": (self.caplog.text, everything),
        }
        for number, mail in enumerate(self.mailoutbox):
            carried = {token_in(mail)} if "#token=" in mail.body else set()
            others = {secret: name for secret, name in everything.items() if secret not in carried}
            places[f"mail {number}, {mail.subject}"] = (text_of_mail(mail), others)
        return {(name, place) for place, (text, secrets) in places.items() for name in found_in(text, secrets)}
