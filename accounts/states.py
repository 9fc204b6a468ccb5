"""How it stands with mails and with the worker, for whoever watches the server."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import OutgoingMail
from accounts.worker_jobs import longest_overdue
from hucares.leases import count_due, longest_due
from hucares.states import register_state


def count_waiting() -> int:
    """Mails that are due, and have not been sent yet."""
    return count_due(OutgoingMail.objects.all(), timezone.now())


def longest_waiting() -> float:
    """For how many seconds the mail that has been due longest has."""
    return longest_due(OutgoingMail.objects.all(), timezone.now())


def count_failing() -> int:
    """Mails whose last attempt failed, and that will be tried again."""
    count: int = OutgoingMail.objects.failing().count()
    return count


def count_stuck() -> int:
    """Mails that have failed four times, over more than half an hour, and not because their address is refused.

    With one alone something is wrong with the mail server, or on the way there.
    """
    count: int = OutgoingMail.objects.stuck().count()
    return count


def count_given_up() -> int:
    """Mails that were tried for a week in vain, as long as their rows are kept."""
    count: int = OutgoingMail.objects.given_up().count()
    return count


register_state("hucares_mails_due", "Mails that are due and have not been sent yet.", count_waiting)
register_state(
    "hucares_mails_oldest_due_seconds", "For how long the mail that is due longest has been.", longest_waiting
)
register_state("hucares_mails_failing", "Mails whose last attempt failed, and that will be tried again.", count_failing)
register_state("hucares_mails_stuck", "Mails that failed four times, and not for their address.", count_stuck)
register_state("hucares_mails_given_up", "Mails that could not be sent for a week, in the last month.", count_given_up)
register_state(
    "hucares_jobs_overdue_seconds",
    "For how long the job of the worker that is overdue longest has been.",
    longest_overdue,
)
