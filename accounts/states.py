"""How it stands with mails, for whoever watches the server."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import OutgoingMail
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


def count_given_up() -> int:
    """Mails that were tried for a week in vain, as long as their rows are kept."""
    count: int = OutgoingMail.objects.given_up().count()
    return count


register_state("hucares_mails_due", "Mails that are due and have not been sent yet.", count_waiting)
register_state(
    "hucares_mails_oldest_due_seconds", "For how long the mail that is due longest has been.", longest_waiting
)
register_state("hucares_mails_failing", "Mails whose last attempt failed, and that will be tried again.", count_failing)
register_state("hucares_mails_given_up", "Mails that could not be sent for a week, in the last month.", count_given_up)
