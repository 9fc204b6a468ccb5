"""The tokens in mailed links. The database knows only their SHA-256, and of each kind only a person's newest one."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.errors import MailedTokenInvalid
from accounts.models import User


def hashed(token: str) -> str:
    """What is stored of a token. It is 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_verification_token(user: User) -> str:
    """A token that verifies the address it is mailed to; the one before it is worth nothing any more."""
    token = secrets.token_urlsafe(32)
    user.email_verification_token = hashed(token)
    user.email_verification_expires = timezone.now() + settings.VERIFICATION_LIFETIME
    user.save(update_fields=["email_verification_token", "email_verification_expires"])
    return token


def new_reset_token(user: User) -> str:
    """A token that sets another password; the one before it is worth nothing any more."""
    token = secrets.token_urlsafe(32)
    user.password_reset_token = hashed(token)
    user.password_reset_expires = timezone.now() + settings.PASSWORD_RESET_LIFETIME
    user.save(update_fields=["password_reset_token", "password_reset_expires"])
    return token


def holders_of_verification_token(token: str) -> QuerySet[User]:
    """The person whom this token still verifies, if there is one."""
    return User.objects.filter(
        email_verification_token=hashed(token), email_verification_expires__gt=timezone.now(), is_active=True
    )


def holders_of_reset_token(token: str) -> QuerySet[User]:
    """The person whose password this token may still set, if there is one."""
    return User.objects.filter(
        password_reset_token=hashed(token), password_reset_expires__gt=timezone.now(), is_active=True
    )


def owner_of_reset_token(token: str) -> User:
    """The person whose password this token may set. Raises `MailedTokenInvalid`."""
    user = holders_of_reset_token(token).first()
    if user is None:
        raise MailedTokenInvalid
    return user
