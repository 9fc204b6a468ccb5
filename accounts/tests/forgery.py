"""Tokens that we did not make, forged from one that we did."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from django.conf import settings


@dataclass(frozen=True)
class Honest:
    """A token as it should be, the setting with its secret, and what a token of the other class has instead."""

    token: str
    secret: str
    other_secret: str
    other_type: str

    @property
    def claims(self) -> dict[str, Any]:
        """What it says."""
        return dict(jwt.decode(self.token, options={"verify_signature": False}))


Forger = Callable[[Honest], str]


def unsigned(honest: Honest) -> str:
    """What `alg: none` looks like."""
    parts = [{"alg": "none", "typ": "JWT"}, honest.claims]
    return ".".join(encoded(part) for part in parts) + "."


def tampered(honest: Honest) -> str:
    """Other claims under the honest signature."""
    header, _, signature = honest.token.split(".")
    return f"{header}.{encoded({**honest.claims, 'exp': 4_000_000_000})}.{signature}"


def encoded(part: dict[str, Any]) -> str:
    """One part of a token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def signed(secret: str | None = None, algorithm: str = "HS256", without: str = "", **claims: Any) -> Forger:
    """Signed indeed, but with another secret (a setting's name) or algorithm, or with other claims."""

    def forge(honest: Honest) -> str:
        altered = {**honest.claims, **claims}
        altered.pop(without, None)
        return jwt.encode(altered, getattr(settings, secret or honest.secret), algorithm=algorithm)

    return forge


FORGERIES: dict[str, Forger] = {
    "no token": lambda honest: "certainly.no.token",
    "no dots": lambda honest: "certainly",
    "tampered": tampered,
    "cut short": lambda honest: honest.token[:-4],
    "alg none": unsigned,
    "the other class's secret": lambda honest: signed(honest.other_secret)(honest),
    "another secret": signed("SECRET_KEY"),
    "another algorithm": signed(algorithm="HS512"),
    "another type": lambda honest: signed(type=honest.other_type)(honest),
    "no type": signed(without="type"),
    "no end": signed(without="exp"),
    "an end that is no number": signed(exp="soon"),
    "no session": signed(without="sid"),
    "a session that is no id": signed(sid="mine"),
    "a session that is a number": signed(sid=7),
    "a session that is null": signed(sid=None),
}
