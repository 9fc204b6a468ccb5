"""How operators name people on a command line."""

from __future__ import annotations

from uuid import UUID

from django.core.management.base import CommandError

from accounts.models import User


def user_named(name: str) -> User:
    """The person with this username, address or id. Raises `CommandError`."""
    user = found(name)
    if user is None:
        raise CommandError(f"There is nobody with the username, e-mail address or id {name}.")
    return user


def found(name: str) -> User | None:
    """The same, or nobody. No username looks like an id: it has no hyphens, and at most 20 characters."""
    if "@" in name:
        return User.objects.by_email(name).first()
    try:
        return User.objects.filter(pk=UUID(name)).first()
    except ValueError:
        return User.objects.by_username(name).first()
