"""How often somebody may try to get in."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from uuid import UUID

from accounts.errors import InvalidCredentials
from hucares.throttling import counting_failures, spend


def sign_in_attempt(email: str, address: str | None) -> AbstractContextManager[None]:
    """Bounds failed sign-ins: 10 a minute from an address, and 5 in 15 minutes from it for one account.

    The account need not exist; its address is kept only as a hash. Raises `RateLimited`.
    """
    account = hashlib.sha256(email.lower().encode()).hexdigest()
    return counting_failures(
        InvalidCredentials,
        ("10/minute", "sign-in", address or ""),
        ("5/15minute", "sign-in", address or "", account),
    )


def spend_registration(address: str | None) -> None:
    """Bounds registrations: 10 an hour from an address. Raises `RateLimited`."""
    spend("10/hour", "register", address or "")


def spend_refresh(session_id: UUID) -> None:
    """Bounds refreshes: 60 an hour for a sign-in session. Raises `RateLimited`."""
    spend("60/hour", "refresh", str(session_id))
