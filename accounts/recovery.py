"""How a person proves an address, changes it, and gets back in without the password."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts.errors import EmailAlreadyExists, MailedTokenInvalid, WrongPassword
from accounts.failed_sign_ins import reopen
from accounts.limits import spend_change_of_email, spend_forgotten_password, spend_resent_verification
from accounts.mail import queue_mail
from accounts.mailed_tokens import holders_of_reset_token, holders_of_verification_token, owner_of_reset_token
from accounts.models import Session, User
from accounts.passwords import keep_password, lock_unless_changed, require_own
from accounts.services import taken
from accounts.sessions import end_sessions


def verify_email(*, token: str) -> None:
    """Spend a verification token: its address is proved, and becomes the person's if it was pending.

    Raises `MailedTokenInvalid`, or `EmailAlreadyExists` if somebody else was quicker to take the address.
    """
    try:
        with transaction.atomic():
            user = holders_of_verification_token(token).select_for_update(no_key=True).first()
            if user is None:
                raise MailedTokenInvalid
            if user.pending_email:
                take_pending_email(user)
            user.email_verified = True
            user.email_verification_token = user.email_verification_expires = None
            user.save()
    except IntegrityError as error:
        raise taken(error) from error


def take_pending_email(user: User) -> None:
    """Give somebody the address they asked for; a reset link in the old mailbox is worth nothing any more."""
    queue_mail(kind="email-changed", email=user.email, user=user)
    user.email, user.pending_email = user.pending_email or user.email, None
    reopen(user.email)
    user.password_reset_token = user.password_reset_expires = None


def resend_verification(*, user: User, address: str | None) -> None:
    """Have the verification mail sent again; to nobody if there is nothing to verify. Raises `RateLimited`."""
    spend_resent_verification(user.pk, address)
    queue_mail(kind="verify-email", email=user.pending_email or user.email, user=user)


def forgot_password(*, email: str, address: str | None) -> None:
    """Have a reset link sent. Raises `RateLimited`.

    Whether anybody has the address is looked up by the worker: here it could be told from the time it takes.
    """
    spend_forgotten_password(email, address)
    queue_mail(kind="reset-password", email=email)


def reset_password(*, token: str, new_password: str) -> None:
    """Spend a reset token: its person gets another password, and every session ends. Raises `MailedTokenInvalid`.

    The token was mailed to the person's address, so that is proved as well.
    """
    user = owner_of_reset_token(token)
    user.set_password(new_password)  # slow on purpose, so before the transaction
    with transaction.atomic():
        if not holders_of_reset_token(token).filter(pk=user.pk).update(password_reset_token=None, email_verified=True):
            raise MailedTokenInvalid
        keep_password(user)
        reopen(user.email)
        end_sessions(Session.objects.filter(user=user, revoked_at=None))


def change_email(*, user: User, new_email: str, password: str) -> None:
    """Have a link sent to another address, which becomes the person's when the link is used; the old one is told.

    Raises `WrongPassword`, `EmailAlreadyExists` or `RateLimited`.
    """
    spend_change_of_email(user.pk)
    require_own(user, password)
    with transaction.atomic():
        locked = lock_unless_changed(user)
        if locked is None:
            raise WrongPassword
        if User.objects.by_email(new_email).exclude(pk=user.pk).exists():
            raise EmailAlreadyExists
        locked.pending_email = new_email
        locked.email_verification_token = locked.email_verification_expires = None
        locked.save()
        queue_mail(kind="verify-email", email=new_email, user=locked)
        queue_mail(kind="email-change-asked", email=locked.email, user=locked)
