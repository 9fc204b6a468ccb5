"""How it stands with pushes, for whoever watches the server."""

from __future__ import annotations

from django.utils import timezone

from hucares.leases import count_due, longest_due
from hucares.states import register_state
from notifications.models import OutgoingPush


def count_waiting() -> int:
    """Pushes that are due, and have not been sent yet."""
    return count_due(OutgoingPush.objects.all(), timezone.now())


def longest_waiting() -> float:
    """For how many seconds the push that has been due longest has."""
    return longest_due(OutgoingPush.objects.all(), timezone.now())


register_state("hucares_pushes_due", "Pushes that are due and have not been sent yet.", count_waiting)
register_state(
    "hucares_pushes_oldest_due_seconds", "For how long the push that is due longest has been.", longest_waiting
)
