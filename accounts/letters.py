"""What accounts writes to people, and when there is no reason any more to write."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from accounts.failed_sign_ins import is_closed
from accounts.limits import hashed_account
from accounts.mail import Letter, letter_for
from accounts.mailed_tokens import new_reset_token, new_verification_token
from accounts.models import OutgoingMail, User

USER_AGENT_SHOWN = 120


def locked(people: QuerySet[User]) -> User | None:
    """The one active person, whose row nobody else changes until the token is written."""
    return people.select_for_update(no_key=True).filter(is_active=True).first()


@letter_for("verify-email")
def verify_email(mail: OutgoingMail) -> Letter | None:
    """To a new address, of a new person or not. None if the address is verified, or is not to be theirs any more."""
    user = locked(User.objects.filter(pk=mail.user.pk)) if mail.user else None
    if user is None or mail.email != (user.pending_email or user.email):
        return None
    if user.email_verified and not user.pending_email:
        return None
    return Letter(
        to=mail.email,
        template="accounts/mail/verify-email",
        link=f"{settings.PUBLIC_URL}/verify-email#token={new_verification_token(user)}",
        button="Confirm my address",
        context={"username": user.username, "changing": bool(user.pending_email)},
    )


@letter_for("reset-password")
def reset_password(mail: OutgoingMail) -> Letter | None:
    """To whoever has the address that was asked about; None if nobody has.

    It goes to the address that is kept, not to the one typed: the two may look alike to the database alone.
    """
    user = locked(User.objects.by_email(mail.email))
    if user is None:
        return None
    OutgoingMail.objects.filter(pk=mail.pk).update(user=user)  # so that it goes when the person goes
    return Letter(
        to=user.email,
        template="accounts/mail/reset-password",
        link=f"{settings.PUBLIC_URL}/reset-password#token={new_reset_token(user)}",
        button="Choose a new password",
        context={"username": user.username},
    )


@letter_for("sign-in-closed")
def sign_in_closed(mail: OutgoingMail) -> Letter | None:
    """To whoever has the address under which signing in failed; None if nobody has, or the account is open again."""
    user = User.objects.by_email(mail.email).filter(is_active=True).first()
    if user is None or not is_closed(hashed_account(user.email)):
        return None
    OutgoingMail.objects.filter(pk=mail.pk).update(user=user)  # so that it goes when the person goes
    return Letter(to=user.email, template=f"accounts/mail/{mail.kind}", context=told(mail, user))


@letter_for("pin-set-up")
@letter_for("password-changed")
@letter_for("email-change-asked")
@letter_for("email-changed")
@letter_for("new-device")
def notice(mail: OutgoingMail) -> Letter | None:
    """Tells of something that happened, in words that depend on the kind alone."""
    user = mail.user
    if user is None or not user.is_active:
        return None
    return Letter(to=mail.email, template=f"accounts/mail/{mail.kind}", context=told(mail, user))


def told(mail: OutgoingMail, user: User) -> dict[str, Any]:
    """What a notice is about: whom, when in their own time, and what is kept with it."""
    when = mail.created_at.astimezone(ZoneInfo(user.timezone))
    written = f"{when.day} {when:%B %Y, %H:%M} ({user.timezone})"
    return {"username": user.username, "when": written, **mail.data}


def shown_user_agent(user_agent: str) -> str:
    """A browser's name for itself, made fit for a sentence: it is whatever a client says."""
    printable = "".join(character if character.isprintable() else " " for character in user_agent)
    return " ".join(printable.split())[:USER_AGENT_SHOWN]
