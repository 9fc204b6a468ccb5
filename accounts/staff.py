"""What staff can do to a person's account, beside what the person can."""

from __future__ import annotations

from django.contrib.sessions.models import Session as BrowserSession
from django.db import transaction
from django.utils import timezone

from accounts.mail import queue_mail
from accounts.models import OutgoingMail, User
from accounts.sessions import end_enrolments, end_sessions, live_sessions_of
from hucares.errors import DomainError


@transaction.atomic
def deactivate(*, user: User) -> None:
    """Let somebody in no more: every sign-in ends at once, sockets included, and no device keeps its PIN."""
    end_enrolments(user)  # locks the person, before anybody can sign in again
    User.objects.filter(pk=user.pk).update(is_active=False)
    revoke_sessions(user=user)


@transaction.atomic
def reactivate(*, user: User) -> None:
    """Let somebody in again; they sign in anew."""
    User.objects.filter(pk=user.pk).update(is_active=True)


@transaction.atomic
def revoke_sessions(*, user: User) -> None:
    """Sign somebody out everywhere, of the admin too; no device keeps its PIN, with which it could sign in again."""
    end_enrolments(user)
    end_sessions(live_sessions_of(user))
    end_admin_sessions(user)


def end_admin_sessions(user: User) -> None:
    """Sign somebody out of the admin. Of its sessions there are few: only staff have any."""
    for session in BrowserSession.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


@transaction.atomic
def try_mail_again(*, mail: OutgoingMail) -> None:
    """Have a mail that could not be sent tried now, also one that was given up. Raises `DomainError`.

    If it is just being tried, it may be sent twice; both have one Message-ID.
    """
    failed = OutgoingMail.objects.filter(pk=mail.pk, sent_at=None).exclude(last_error="")
    if not failed.update(due_at=timezone.now()):
        raise DomainError("It was sent, or has not failed yet.")


@transaction.atomic
def send_verification_again(*, user: User) -> None:
    """Have the verification mail sent again. Raises `DomainError` if there is nothing to verify."""
    if user.email_verified and not user.pending_email:
        raise DomainError("There is no address of theirs to confirm.")
    queue_mail(kind="verify-email", email=user.pending_email or user.email, user=user)
