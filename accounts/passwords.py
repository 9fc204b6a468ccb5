"""Passwords as they are checked, and as they are kept. Hashing is slow on purpose, so it happens outside of locks."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password

from accounts.errors import WrongPassword
from accounts.limits import own_password_attempt
from accounts.mail import queue_mail
from accounts.models import User
from accounts.sessions import end_enrolments


def is_right(user: User | None, password: str) -> bool:
    """Whether this is the person's password; for nobody it takes as long and is not. Raises `ServiceUnavailable`."""
    if user is None:
        make_password(password)
        return False
    return user.check_password(password)


def lock_unless_changed(user: User) -> User | None:
    """The person as they are now, locked until the transaction ends; None if that password is not theirs any more.

    A password that was checked may have been changed, reset or shut out while it was: whoever did that has the last
    word.
    """
    now = User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True).first()
    return now if now is not None and now.password == user.password else None


def require_own(user: User, password: str, field: str = "password") -> None:
    """Nothing, if this is the password of somebody who is signed in.

    Raises `WrongPassword` for `field`, `RateLimited` after too many of them, or `ServiceUnavailable`.
    """
    with own_password_attempt(user.pk):
        if not user.check_password(password):
            raise WrongPassword(field)


def keep_password(user: User) -> None:
    """Save a password just set and tell its owner, inside the transaction that has locked this person.

    Whoever knew the old one may have asked for links or for another address, or have set up a PIN: those are worth
    nothing any more.
    """
    user.password_reset_token = user.password_reset_expires = None
    user.save(update_fields=["password", "password_reset_token", "password_reset_expires", "updated_at"])
    User.objects.filter(pk=user.pk, pending_email__isnull=False).update(
        pending_email=None, email_verification_token=None, email_verification_expires=None
    )
    end_enrolments(user)
    queue_mail(kind="password-changed", email=user.email, user=user)
