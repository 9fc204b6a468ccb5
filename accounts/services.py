"""What a person does with an account."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import EmailAlreadyExists, InvalidCredentials, UsernameAlreadyExists
from accounts.models import Session, User
from accounts.sessions import Device, begin_session, end_sessions
from hucares.database import violates


def register(*, username: str, email: str, password: str, timezone: str = "UTC", device: Device) -> Session:
    """A new person, signed in. Raises `EmailAlreadyExists` or `UsernameAlreadyExists`."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, email, password, timezone=timezone)
            return sign_in(user=user, device=device)
    except IntegrityError as error:
        if violates(error, User, "users_email_unique"):
            raise EmailAlreadyExists from error
        if violates(error, User, "users_username_unique"):
            raise UsernameAlreadyExists from error
        raise


def log_in(*, email: str, password: str, device: Device) -> Session:
    """Sign in with an address and its password. Raises `InvalidCredentials`, after the same work, for any fault."""
    user = User.objects.by_email(email).first()
    if user is None:
        make_password(password)  # an unknown address must take as long as a wrong password
        raise InvalidCredentials
    if not user.check_password(password) or not user.is_active:
        raise InvalidCredentials
    return sign_in(user=user, device=device)


@transaction.atomic
def sign_in(*, user: User, device: Device) -> Session:
    """Begin a session for somebody whose credentials have been checked."""
    user.last_login = user.last_active_at = timezone.now()
    user.save(update_fields=["last_login", "last_active_at"])
    return begin_session(user=user, device=device)


@transaction.atomic
def log_out(*, session: Session, everywhere: bool = False) -> None:
    """End this session, or all of the person's."""
    if everywhere:
        end_sessions(Session.objects.filter(user=session.user_id, revoked_at=None))
    else:
        end_sessions([session])
