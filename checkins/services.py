"""What people do with check-ins."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from checkins.errors import DuplicateCheckIn
from checkins.models import UNIQUE_IN_PERIOD, CheckIn
from groups.access import locked_membership_of, note_activity
from groups.models import Group
from groups.periods import Period
from hucares.database import violates


def submit_check_in(*, user: User, group_id: UUID, **answers: Any) -> CheckIn:
    """Check in to a group for the period that is open now; its receivers run in the same transaction.

    `answers` are the scores and the optional fields of `CheckIn`. Raises `NotFound` for a group that the person is
    not in and `DuplicateCheckIn` when the period is taken; then nothing is saved and nobody is told.
    """
    with transaction.atomic():
        membership = locked_membership_of(user, group_id)
        # Read again under the lock that a change of privacy takes too: what is published must not be judged by
        # how things stood when the request came in.
        user, group = membership.user, membership.group
        now = timezone.now()
        period = group.period_at(now)
        refuse_overlap(user, group, period)
        count_check_in(group)
        note_activity(membership)
        return insert_check_in(user, group, period, check_in_date=now, submitted_at=now, **answers)


def refuse_overlap(user: User, group: Group, period: Period) -> None:
    """Raises `DuplicateCheckIn` if a day of the period is covered, be it by a period of an earlier frequency."""
    earlier = CheckIn.objects.overlapping(user, group, period).values_list("pk", flat=True).first()
    if earlier is not None:
        raise DuplicateCheckIn(earlier)


def insert_check_in(user: User, group: Group, period: Period, **columns: Any) -> CheckIn:
    """Save the row. The unique constraint has the last word: only its violation is a duplicate."""
    try:
        with transaction.atomic():
            return CheckIn.objects.create(
                user=user,
                group=group,
                week_start_date=period.start,
                period_end=period.end,
                closes_at=period.closes_at,
                **columns,
            )
    except IntegrityError as error:
        if not violates(error, CheckIn, UNIQUE_IN_PERIOD):
            raise
        refuse_overlap(user, group, period)
        raise


def count_check_in(group: Group, number: int = 1) -> None:
    """So many more check-ins of the group."""
    Group.objects.filter(pk=group.pk).update(total_check_ins=F("total_check_ins") + number, version=F("version") + 1)
