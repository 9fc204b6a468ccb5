"""How often somebody may try to come in, or ask others in."""

from __future__ import annotations

from uuid import UUID

from hucares.throttling import spend


def spend_join(user_id: UUID, address: str | None) -> None:
    """Bounds attempts to join, since each tries a code: 30 an hour from an address, 10 of a person.

    Raises `RateLimited`.
    """
    spend("30/hour", "join-from", address or "")
    spend("10/hour", "join", str(user_id))


def spend_invitation(user_id: UUID) -> None:
    """Bounds invitations: 20 an hour of a person. Raises `RateLimited`."""
    spend("20/hour", "invite", str(user_id))
