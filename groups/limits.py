"""How often somebody may try to come in, or ask others in."""

from __future__ import annotations

from uuid import UUID

from hucares.throttling import spend


def spend_join(user_id: UUID, address: str | None) -> None:
    """Bounds attempts to join, since each tries a code: 10 an hour of a person, 30 from an address.

    The person's come first: whoever has none left uses up nothing of an address that others share. Raises
    `RateLimited`.
    """
    spend("10/hour", "join", str(user_id))
    spend("30/hour", "join-from", address or "")


def spend_invitation(user_id: UUID) -> None:
    """Bounds invitations: 20 an hour of a person. Raises `RateLimited`."""
    spend("20/hour", "invite", str(user_id))
