"""How often somebody may try to get in, or have mails sent."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from uuid import UUID

from accounts.errors import InvalidCredentials, WrongPassword
from hucares.throttling import Limit, counting_failures, spend


def hashed_account(email: str) -> str:
    """What an account is counted under: its address, whether or not it exists, is not kept in the counters."""
    return hashlib.sha256(email.lower().encode()).hexdigest()


def sign_in_attempt(address: str | None, *account: str) -> AbstractContextManager[None]:
    """Bounds failed sign-ins: 10 a minute from an address, and 5 in 15 minutes from it for one account.

    The account is a hashed one and need not exist; none is named by who signs in with a PIN, which has a bound of its
    own. Raises `RateLimited`.
    """
    limits: list[Limit] = [("10/minute", "sign-in", address or "")]
    if account:
        limits.append(("5/15minute", "sign-in", address or "", *account))
    return counting_failures(InvalidCredentials, *limits)


def own_password_attempt(user_id: UUID) -> AbstractContextManager[None]:
    """Bounds wrong passwords of somebody who is signed in: 10 an hour, whatever they were asked for.

    Whoever gets hold of an access token would else guess there without a bound. Raises `RateLimited`.
    """
    return counting_failures(WrongPassword, ("10/hour", "own-password", str(user_id)))


def spend_registration(address: str | None) -> None:
    """Bounds registrations: 10 an hour from an address. Raises `RateLimited`."""
    spend("10/hour", "register", address or "")


def spend_refresh(session_id: UUID) -> None:
    """Bounds refreshes: 60 an hour for a sign-in session. Raises `RateLimited`."""
    spend("60/hour", "refresh", str(session_id))


def spend_forgotten_password(email: str, address: str | None) -> None:
    """Bounds reset mails: 20 an hour from an address, 3 for an account. Raises `RateLimited`."""
    spend("20/hour", "forgot-from", address or "")
    spend("3/hour", "forgot", hashed_account(email))


def spend_resent_verification(user_id: UUID, address: str | None) -> None:
    """Bounds verification mails: 20 an hour from an address, 3 for an account. Raises `RateLimited`."""
    spend("20/hour", "resend-from", address or "")
    spend("3/hour", "resend", str(user_id))


def spend_enrolment(user_id: UUID) -> None:
    """Bounds the setting up of PINs, of each of which a mail tells: 10 an hour. Raises `RateLimited`."""
    spend("10/hour", "enrol", str(user_id))


def spend_change_of_email(user_id: UUID) -> None:
    """Bounds changes of the e-mail address, which tell whether one is taken: 10 an hour. Raises `RateLimited`."""
    spend("10/hour", "change-email", str(user_id))
