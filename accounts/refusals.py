"""Mails that people can do without: the link with which each says so, and the addresses that are left alone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from accounts.limits import hashed_account
from accounts.models import RefusedAddress, User
from accounts.preferences import NOTIFICATION_DEFAULTS


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the link of one mail refuses: mails of one kind, to a person or, without one, to a stranger's address."""

    preference: str  # `friendCheckIn`, …
    address: str  # as `hashed_account` writes it
    user_id: UUID | None


def signer() -> Signer:
    """Writes and reads what stands in links. They work for good: a mail may lie in a mailbox for years."""
    return Signer(salt="unsubscribe", sep=".")


def unsubscribe_link(preference: str, email: str, user: User | None) -> str:
    """The address where whoever got a mail can say that they want no more of its kind."""
    token = signer().sign_object([preference, hashed_account(email), str(user.pk) if user else None])
    return f"{settings.PUBLIC_URL}/unsubscribe/{token}"


def refusal_in(token: str) -> Refusal | None:
    """What a link refuses; None if we never wrote it."""
    try:
        preference, address, user_id = signer().unsign_object(token)
    except BadSignature:
        return None
    if not isinstance(NOTIFICATION_DEFAULTS.get(preference), dict):
        return None
    return Refusal(preference, address, UUID(user_id) if user_id else None)


def is_refused(email: str, user: User | None) -> bool:
    """Whether nothing that can be done without goes to an address.

    A person to whom it provably belongs chooses in the preferences, and nobody else can choose for them: whoever
    registers with a stranger's address does not bring back the mails that the stranger refused.
    """
    if user is not None and user.email_verified:
        return False
    return RefusedAddress.objects.filter(address=hashed_account(email)).exists()
