"""What people do with check-ins."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from checkins.access import own_check_in
from checkins.errors import CheckInWindowClosed, DuplicateCheckIn
from checkins.metrics import CHECKED_IN
from checkins.models import UNIQUE_IN_PERIOD, CheckIn
from checkins.participation import refresh_participation
from groups.access import locked_group, locked_membership_of, note_activity
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
        count_change(user, group, check_ins=1)
        note_activity(membership)
        transaction.on_commit(CHECKED_IN.inc)
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


@transaction.atomic
def change_check_in(*, user: User, check_in_id: UUID, **answers: Any) -> CheckIn:
    """Answer differently while the check-in's own period is open; one that is answered the same stays untouched.

    `answers` are any of those of `submit_check_in`. Raises `NotFound` unless the check-in is this person's, who must
    still be in its living group, and `CheckInWindowClosed`.
    """
    membership = locked_membership_of(user, own_check_in(user, check_in_id).group_id)
    check_in = own_check_in(user, check_in_id)  # read again under the lock
    if check_in.closes_at <= timezone.now():
        raise CheckInWindowClosed
    changed = [name for name, value in answers.items() if getattr(check_in, name) != value]
    if changed:
        for name in changed:
            setattr(check_in, name, answers[name])
        count_change(user, membership.group)
        note_activity(membership)
        check_in.save(update_fields=[*changed, "updated_at"])
        check_in.refresh_from_db(fields=["hu_cares_score"])
    return check_in


@transaction.atomic
def delete_check_in(*, user: User, check_in_id: UUID) -> None:
    """Take a check-in back, at any time: it is its author's, also when they have left or the group has ended.

    The friends' notifications of it stay; they hold nothing of what it said. Raises `NotFound`.
    """
    group = locked_group(own_check_in(user, check_in_id).group_id)
    check_in = own_check_in(user, check_in_id)  # read again under the lock
    count_change(user, group, check_ins=-1)
    check_in.delete()
    if check_in.week_start_date < group.period_at(timezone.now()).start:
        refresh_participation(group)


def count_change(user: User, group: Group, check_ins: int = 0) -> None:
    """Figures of the person and of the locked group may show something else now; it has `check_ins` more."""
    Group.objects.filter(pk=group.pk).update(total_check_ins=F("total_check_ins") + check_ins, version=F("version") + 1)
    User.objects.filter(pk=user.pk).update(version=F("version") + 1)
