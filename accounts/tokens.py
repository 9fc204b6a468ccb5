"""Access and refresh tokens, in and out. No HTTP here.

The encoding is simplejwt's; each class of token has its own secrets, its own lifetime and its own type, and only
HS256 is accepted. A refresh token is made from its session's row alone, so the same row gives the same bytes as long as
the same key signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken

from accounts.errors import TokenExpired, TokenInvalid
from accounts.models import Session
from accounts.token_keys import KeyRing, key_ring

ACCESS = "access"
REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What the server reads from an access token; the rest of it is a convenience for clients."""

    session_id: UUID
    expires_at: int  # Unix time, seconds


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    """A refresh token: the `counter`-th of a session."""

    session_id: UUID
    counter: int


def access_keys() -> KeyRing:
    """What access tokens are signed and verified with."""
    return key_ring(settings.JWT_ACCESS_SECRET, tuple(settings.JWT_ACCESS_SECRET_FALLBACKS))


def refresh_keys() -> KeyRing:
    """What refresh tokens are signed and verified with."""
    return key_ring(settings.JWT_REFRESH_SECRET, tuple(settings.JWT_REFRESH_SECRET_FALLBACKS))


def seconds(moment: datetime) -> int:
    """Unix time in whole seconds."""
    return int(moment.timestamp())


def access_token(session: Session) -> str:
    """A new access token for a session whose person is loaded."""
    now = timezone.now()
    user = session.user
    claims = {
        "type": ACCESS,
        "userId": str(user.pk),
        "username": user.username,
        "email": user.email,
        "role": user.role,
        "sid": str(session.pk),
        "iat": seconds(now),
        "exp": seconds(min(now + settings.ACCESS_TOKEN_LIFETIME, session.expires_at)),
    }
    return access_keys().encode(claims)


def refresh_token(session: Session) -> str:
    """The session's current refresh token."""
    claims = {
        "type": REFRESH,
        "sid": str(session.pk),
        "counter": session.counter,
        "iat": seconds(session.rotated_at),
        "exp": seconds(min(session.rotated_at + settings.REFRESH_TOKEN_LIFETIME, session.expires_at)),
    }
    return refresh_keys().encode(claims)


def read_access_token(token: str) -> AccessClaims:
    """Raises `TokenExpired` or `TokenInvalid`."""
    claims = decode(token, access_keys(), ACCESS)
    return AccessClaims(session_id=session_named_in(claims), expires_at=claims["exp"])


def read_refresh_token(token: str) -> RefreshClaims:
    """Raises `TokenExpired` or `TokenInvalid`."""
    claims = decode(token, refresh_keys(), REFRESH)
    if type(claims.get("counter")) is not int:
        raise TokenInvalid
    return RefreshClaims(session_id=session_named_in(claims), counter=claims["counter"])


def session_named_in(claims: dict[str, Any]) -> UUID:
    """The id of the session that a token belongs to. Raises `TokenInvalid`."""
    try:
        return UUID(str(claims.get("sid")))
    except ValueError as error:
        raise TokenInvalid from error


def decode(token: str, keys: KeyRing, kind: str) -> dict[str, Any]:
    """The claims of a token of this kind, signed with one of these keys and not expired."""
    try:
        claims = keys.decode(token)
    except TokenBackendExpiredToken as error:
        raise TokenExpired from error
    except (TokenBackendError, ValueError) as error:
        raise TokenInvalid from error
    if claims.get("type") != kind or "exp" not in claims:
        raise TokenInvalid
    return claims
