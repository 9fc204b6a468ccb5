"""How operators name groups on a command line."""

from __future__ import annotations

from uuid import UUID

from django.core.management.base import CommandError


def group_id_in(text: str | None) -> UUID | None:
    """The group's id, if one is given. Raises `CommandError`."""
    try:
        return UUID(text) if text is not None else None
    except ValueError as error:
        raise CommandError(f"{text} is no group's id: that is a UUID.") from error
