"""How Django's admin learns who signs in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.admission import admit
from accounts.errors import InvalidCredentials
from accounts.models import User


class GuardedBackend(ModelBackend):
    """Django's own, behind the limits that guessing at the API has."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The person; None if address or password is wrong. Raises `RateLimited` or `ServiceUnavailable`."""
        address = (request.META.get("REMOTE_ADDR") or None) if request else None
        try:
            return admit(email=username or "", password=password or "", address=address, begin=lambda user: user)
        except InvalidCredentials:
            return None
