"""What of accounts has had its time."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session as AdminSession
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.failed_sign_ins import MOST
from accounts.models import FailedSignIns, OutgoingMail, Session
from hucares.pruning import days, register_pruning

GIVEN_UP_RETENTION = timedelta(days=30)
FAILURES_RETENTION = timedelta(days=180)


def old_mails() -> QuerySet[OutgoingMail]:
    """What was sent a week ago, and what could not be sent a month ago."""
    now = timezone.now()
    given_up = OutgoingMail.objects.given_up().filter(created_at__lt=now - GIVEN_UP_RETENTION)
    return OutgoingMail.objects.filter(sent_at__lt=now - settings.MAIL_RETENTION) | given_up


def old_failures() -> QuerySet[FailedSignIns]:
    """Accounts at which nobody has failed for half a year. What is closed stays closed."""
    return FailedSignIns.objects.filter(last_at__lt=timezone.now() - FAILURES_RETENTION, failures__lt=MOST)


def ended_sessions() -> QuerySet[Session]:
    """Sign-in sessions that ended long ago.

    Until then their addresses and devices are known ones: `has_signed_in_from` lets a person in from there when an
    account is closed to strangers, and no mail warns of a sign-in from there.
    """
    before = timezone.now() - settings.ENDED_SESSION_RETENTION
    return Session.objects.filter(Q(revoked_at__lt=before) | Q(expires_at__lt=before))


def ended_admin_sessions() -> QuerySet[AdminSession]:
    """Sessions of the admin that have expired."""
    return AdminSession.objects.filter(expire_date__lt=timezone.now())


register_pruning(
    "mails",
    kept=f"{days(settings.MAIL_RETENTION.days)} once sent, {days(GIVEN_UP_RETENTION.days)} if given up",
    rows=old_mails,
)
register_pruning(
    "failed sign-ins", kept=f"{days(FAILURES_RETENTION.days)} after the last, unless it closed", rows=old_failures
)
register_pruning(
    "sign-in sessions", kept=f"{days(settings.ENDED_SESSION_RETENTION.days)} after their end", rows=ended_sessions
)
register_pruning("admin sessions", kept="until they expire", rows=ended_admin_sessions)
