"""What check-ins stores about a person, and how groups count without them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Count, F

from accounts.models import User
from accounts.personal_data import register_eraser, register_rows
from checkins.models import CheckIn, ImportedRecord
from checkins.participation import refresh_participation
from groups.models import Group

register_rows(
    "checkIns",
    CheckIn,
    shown=(
        "id",
        "group_id",
        "week_start_date",
        "period_end",
        "closes_at",
        "check_in_date",
        "productive_score",
        "satisfied_score",
        "body_score",
        "care_score",
        "hu_cares_score",
        "reflection_note",
        "mood_emoji",
        "energy_level",
        "submitted_at",
        "updated_at",
        "is_private",
    ),
)
register_rows("importedRecords", ImportedRecord, shown=("id", "legacy_id", "group_id", "imported_at"))


@register_eraser
@contextmanager
def recounting_their_groups(user: User) -> Iterator[None]:
    """Take the person's check-ins out of the counts of their groups, which are locked, and out of the rates."""
    groups = list(user.memberships.values_list("group", flat=True))
    for row in CheckIn.objects.filter(user=user).values("group").annotate(count=Count("pk")):
        counted = Group.objects.filter(pk=row["group"])
        counted.update(total_check_ins=F("total_check_ins") - row["count"])
    yield
    for group in Group.objects.filter(pk__in=groups):
        refresh_participation(group)
