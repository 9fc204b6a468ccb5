"""What the old app kept in a browser becomes check-ins of a group. Nobody is told of it: it is history."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from checkins.import_plan import Outcome, Place, Row, plan_import
from checkins.legacy_records import LegacyCheckIn
from checkins.local_storage import LocalStorage, read_local_storage
from checkins.models import CheckIn, ImportedRecord
from checkins.participation import refresh_participation
from checkins.services import count_change
from groups.access import locked_membership_of
from groups.models import Frequency, Group, Membership
from groups.periods import start_of_day
from groups.services import create_group
from hucares.database import insert_rows, take_turns
from hucares.errors import PayloadTooLarge

MAX_BYTES = 2 * 1024 * 1024
GROUP_NAME = "My check-ins"


@dataclass(frozen=True, slots=True)
class Report:
    """What an import has done, or on a dry run would do. `group_id` is None where there is no group yet."""

    dry_run: bool
    group_id: UUID | None
    rows: list[Row]

    def count(self, outcome: Outcome) -> int:
        """How many records ended so."""
        return sum(row.outcome == outcome for row in self.rows)


def import_local_storage(*, user: User, data: Any, group_id: UUID | None = None, dry_run: bool = False) -> Report:
    """Import the old app's document, as JSON or its text, into a group, all of it or nothing.

    Without `group_id` it goes to the private group of one that an earlier import went to, else to a new one. Raises
    `NotLocalStorage`, and `NotFound` for a group that the person is not in.
    """
    now = timezone.now()
    storage = read_local_storage(data, now=now)
    with transaction.atomic():
        take_turns(f"import for {user.pk}")  # the first import has no group to lock, nor records to find
        group = locked_membership_of(user, group_id).group if group_id else locked_earlier_group(user)
        place = place_of(user, group)
        rows = plan_import(storage.records, place)
        fresh = imported_of(storage, rows)
        if fresh and not dry_run:
            group = group or found_group(user, storage)
            write(user, group, place, fresh, now)
    return Report(dry_run, group.pk if group else None, rows)


def refuse_too_large(size: int) -> None:
    """Raises `PayloadTooLarge` for a document of more than `MAX_BYTES`."""
    if size > MAX_BYTES:
        raise PayloadTooLarge("This is too large: what the old app kept may have at most 2 MiB.")


def locked_earlier_group(user: User) -> Group | None:
    """The newest private group that an earlier import went to, locked, if the person is still alone in it.

    What was written for oneself is not shown to others because they have joined since. All that may have changed
    while the lock was waited for is asked of the locked row itself.
    """
    imported = ImportedRecord.objects.filter(user=user, group=OuterRef("pk"))
    mine = Membership.objects.active().filter(user=user, group=OuterRef("pk"))
    alone = Group.objects.filter(Exists(imported), Exists(mine), is_private=True, is_active=True, member_count=1)
    return alone.select_for_update(no_key=True, of=("self",)).order_by("-created_at").first()


def imported_of(storage: LocalStorage, rows: list[Row]) -> list[LegacyCheckIn]:
    """The records that the plan imports."""
    return [
        record
        for record, row in zip(storage.records, rows, strict=True)
        if isinstance(record, LegacyCheckIn) and row.outcome == Outcome.IMPORTED
    ]


def place_of(user: User, group: Group | None) -> Place:
    """What there is of this person; a group still to be founded is weekly, in the person's zone."""
    check_ins = CheckIn.objects.filter(user=user, group=group) if group else CheckIn.objects.none()
    return Place(
        frequency=group.check_in_frequency if group else Frequency.WEEKLY,
        zone=group.timezone if group else user.timezone,
        taken=frozenset(
            start + timedelta(days=number)
            for start, end in check_ins.values_list("week_start_date", "period_end")
            for number in range((end - start).days + 1)
        ),
        remembered=frozenset(ImportedRecord.objects.filter(user=user).values_list("legacy_id", flat=True)),
    )


def found_group(user: User, storage: LocalStorage) -> Group:
    """A private group of one, named after the old group that most of the records are of."""
    old_groups = Counter(record.old_group for record in storage.records if isinstance(record, LegacyCheckIn))
    name = storage.group_names.get(old_groups.most_common(1)[0][0] or "", GROUP_NAME)
    return create_group(user=user, name=name, timezone=user.timezone).group


def write(user: User, group: Group, place: Place, fresh: list[LegacyCheckIn], now: datetime) -> None:
    """Save the check-ins and remember their old ids, by the same few statements however many there are."""
    insert_rows([check_in_of(record, user, group, place, now) for record in fresh])
    insert_rows([ImportedRecord(user=user, group=group, legacy_id=record.legacy_id) for record in fresh])
    count_change(user, group, check_ins=len(fresh))
    refresh_participation(group)


def check_in_of(record: LegacyCheckIn, user: User, group: Group, place: Place, now: datetime) -> CheckIn:
    """The row of one record. Where it does not say when it was submitted, that was when its period began."""
    period = place.period_of(record)
    productive, satisfied, body, care = record.answers
    submitted_at = record.submitted_at or min(now, start_of_day(period.start, place.zone))
    return CheckIn(
        user=user,
        group=group,
        week_start_date=period.start,
        period_end=period.end,
        closes_at=period.closes_at,
        check_in_date=submitted_at,
        submitted_at=submitted_at,
        updated_at=submitted_at,
        productive_score=productive,
        satisfied_score=satisfied,
        body_score=body,
        care_score=care,
    )
