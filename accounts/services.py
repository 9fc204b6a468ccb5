"""What a person does with an account."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.admission import admit
from accounts.errors import EmailAlreadyExists, UsernameAlreadyExists, WrongPassword
from accounts.failed_sign_ins import reopen
from accounts.letters import shown_user_agent
from accounts.limits import spend_registration
from accounts.mail import queue_mail
from accounts.models import Session, User
from accounts.passwords import keep_password, lock_unless_changed, require_own
from accounts.preferences import merged
from accounts.sessions import Device, begin_session, end_enrolments, end_sessions, live_sessions_of
from accounts.signals import privacy_changed
from hucares.database import violates


def register(*, username: str, email: str, password: str, timezone: str = "UTC", device: Device) -> Session:
    """A new person, signed in. Raises `EmailAlreadyExists`, `UsernameAlreadyExists` or `RateLimited`."""
    spend_registration(device.ip_address)
    user = User(username=username, email=email, timezone=timezone)
    user.set_password(password)  # slow on purpose, so before the transaction
    try:
        with transaction.atomic():
            user.save()
            reopen(email)
            queue_mail(kind="verify-email", email=user.email, user=user)
            return sign_in(user=user, device=device)
    except IntegrityError as error:
        raise taken(error) from error


def taken(error: IntegrityError) -> Exception:
    """What is taken already, if that is what `error` says; else the error itself."""
    if violates(error, User, "users_email_unique"):
        return EmailAlreadyExists()
    if violates(error, User, "users_username_unique"):
        return UsernameAlreadyExists()
    return error


def log_in(*, email: str, password: str, device: Device) -> Session:
    """Sign in with an address and its password.

    Raises `InvalidCredentials`, after the same work, for any fault; `RateLimited` after too many of them.
    """

    def begin(user: User) -> Session:
        return sign_in(user=user, device=device)

    return admit(email=email, password=password, address=device.ip_address, begin=begin)


@transaction.atomic
def sign_in(*, user: User, device: Device) -> Session:
    """Begin a session for somebody whose credentials were found right, and tell them of a new device.

    To be called in the transaction that holds the person's row.
    """
    tell_of_new_device(user, device)
    user.last_login = user.last_active_at = timezone.now()
    user.save(update_fields=["last_login", "last_active_at"])
    return begin_session(user=user, device=device)


def tell_of_new_device(user: User, device: Device) -> None:
    """Have a mail sent unless they signed in from there before, or never at all.

    Where they did is known for a while; that they did is known for good.
    """
    here = Session.objects.filter(user=user, user_agent=device.kept_user_agent, ip_address=device.ip_address)
    if user.last_login is not None and not here.exists():
        queue_mail(
            kind="new-device",
            email=user.email,
            user=user,
            userAgent=shown_user_agent(device.user_agent),
            ipAddress=device.ip_address,
        )


@transaction.atomic
def log_out(*, session: Session, everywhere: bool = False) -> None:
    """End this session, or all of the person's; with all of them no device may sign in by PIN any more."""
    if everywhere:
        end_enrolments(session.user)
        end_sessions(Session.objects.filter(user=session.user_id, revoked_at=None))
    else:
        end_sessions([session])


def change_password(*, session: Session, current_password: str, new_password: str) -> None:
    """Give this session's person another password; their other sessions end.

    Raises `WrongPassword` or `RateLimited`.
    """
    require_own(session.user, current_password, "currentPassword")
    chosen = make_password(new_password)
    with transaction.atomic():
        user = lock_unless_changed(session.user)
        if user is None:
            raise WrongPassword("currentPassword")
        user.password = chosen
        keep_password(user)
        end_sessions(live_sessions_of(user).exclude(pk=session.pk))


def update_profile(
    *,
    user: User,
    notification_preferences: dict[str, Any] | None = None,
    privacy_settings: dict[str, Any] | None = None,
    **changes: Any,
) -> User:
    """Change what is given; preferences and settings that are left out stay. Raises `UsernameAlreadyExists`."""
    try:
        with transaction.atomic():
            if privacy_settings:
                privacy_changed.send(sender=User, user_id=user.pk)  # first: it locks the person's groups
            user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
            for name, value in changes.items():
                setattr(user, name, value)
            user.notification_preferences = merged(user.notification_preferences, notification_preferences or {})
            user.privacy_settings = merged(user.privacy_settings, privacy_settings or {})
            user.version += 1
            user.save()
    except IntegrityError as error:
        raise taken(error) from error
    return user
