"""How operators name people and groups on a command line."""

from __future__ import annotations

from uuid import UUID

from django.core.management.base import CommandError

from accounts.models import User


def user_named(name: str) -> User:
    """The person with this username or address. Raises `CommandError`."""
    people = User.objects.by_email(name) if "@" in name else User.objects.by_username(name)
    user = people.first()
    if user is None:
        raise CommandError(f"There is nobody with the username or e-mail address {name}.")
    return user


def group_id_in(text: str | None) -> UUID | None:
    """The group's id, if one is given. Raises `CommandError`."""
    try:
        return UUID(text) if text is not None else None
    except ValueError as error:
        raise CommandError(f"{text} is no group's id: that is a UUID.") from error
