"""How REST framework learns who is calling."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from accounts.models import Session, User
from accounts.sessions import note_activity, require_live
from accounts.tokens import read_access_token
from hucares.errors import DomainError
from hucares.throttling import spend_as_stranger


class SessionTokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`; `request.auth` is the sign-in session.

    Role, address and activity are read from the database, in one query, so that a revoked session or an
    inactive person is refused at once.
    """

    def authenticate(self, request: Request) -> tuple[User, Session] | None:  # type: ignore[override]
        """None without the header. Raises `TokenInvalid`, `TokenExpired` or `SessionRevoked`.

        REST framework refuses such requests before it asks its throttles, so they are counted here.
        """
        try:
            session = self.session_of(request)
        except (DomainError, APIException):
            spend_as_stranger(request)
            raise
        if session is None:
            spend_as_stranger(request)
            return None
        note_activity(session)
        return session.user, session

    def session_of(self, request: Request) -> Session | None:
        """The live session that the header names; None without the header."""
        header = self.get_header(request)
        raw_token = self.get_raw_token(header) if header else None
        if raw_token is None:
            return None
        return require_live(read_access_token(raw_token.decode("latin-1")).session_id)


def caller(request: Request) -> User:
    """The person behind an authenticated request."""
    return cast(User, request.user)


def session_of(request: Request) -> Session:
    """The sign-in session behind an authenticated request."""
    return cast(Session, request.auth)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells OpenAPI of the access token."""

    target_class = SessionTokenAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
