"""A check-in, the one place that decides what of it somebody else sees, and what was imported from the old app."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, F, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Now
from django.utils.timezone import now

from accounts.models import User
from accounts.preferences import PRIVACY_DEFAULTS
from checkins.legacy_records import MAX_ID
from groups.models import Group
from groups.periods import Period
from hucares.ids import RandomUUID, uuid7

UNIQUE_IN_PERIOD = "check_ins_one_per_period"


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    """Check-ins as readers ask for them."""

    def with_author(self) -> CheckInQuerySet:
        """Loads what `CheckIn.is_hidden_from` needs, so that lists decide without further queries."""
        return self.select_related("user")

    def with_sharing(self) -> CheckInQuerySet:
        """Adds `shares_numbers`, to filter and aggregate by: the group sees them. `hides_numbers` is the opposite."""
        default = Value(PRIVACY_DEFAULTS["scores"], TextField())
        shown_to = Coalesce(KeyTextTransform("scores", "user__privacy_settings"), default)
        shares = Q(is_private=False) & ~Q(scores_shown_to="private")
        return self.alias(scores_shown_to=shown_to).alias(shares_numbers=ExpressionWrapper(shares, BooleanField()))

    def of_group(self, group: Group, period: Period) -> CheckInQuerySet:
        """The group's check-ins whose period shares a day with this one."""
        return self.filter(group=group, week_start_date__lte=period.end, period_end__gte=period.start)

    def overlapping(self, user: User, group: Group, period: Period) -> CheckInQuerySet:
        """This person's check-ins in the group whose period shares a day with this one."""
        return self.of_group(group, period).filter(user=user)


def within(field: str, least: int, most: int) -> Q:
    """The condition that a column lies from `least` to `most`."""
    return Q(**{f"{field}__gte": least, f"{field}__lte": most})


class CheckIn(models.Model):
    """How somebody's period was. It keeps the period it was made in, though the group's frequency may change.

    `hu_cares_score` is computed by the database: it is right after an insert and stale after an update until
    it is read again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="check_ins", db_index=False
    )
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="check_ins", db_index=False)

    week_start_date = models.DateField()  # the period's first day, in the group's zone
    period_end = models.DateField()  # its last day
    closes_at = models.DateTimeField()  # the first instant after it
    check_in_date = models.DateTimeField(default=now, db_default=Now())

    productive_score = models.IntegerField()
    satisfied_score = models.IntegerField()
    body_score = models.IntegerField()
    care_score = models.IntegerField()
    hu_cares_score = models.GeneratedField(
        expression=F("productive_score") + F("satisfied_score") + F("body_score") - F("care_score"),
        output_field=models.IntegerField(),
        db_persist=True,
        verbose_name="HuCares score",
    )

    reflection_note = models.TextField(null=True, blank=True)
    mood_emoji = models.CharField(max_length=10, null=True, blank=True)
    energy_level = models.IntegerField(null=True, blank=True)

    submitted_at = models.DateTimeField(default=now, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())
    is_private = models.BooleanField(default=False, db_default=False)

    objects: ClassVar = CheckInQuerySet.as_manager()

    class Meta:
        db_table = "check_ins"
        verbose_name = "check-in"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "group", "week_start_date"], name=UNIQUE_IN_PERIOD),
            models.CheckConstraint(condition=within("productive_score", 1, 10), name="check_ins_productive_range"),
            models.CheckConstraint(condition=within("satisfied_score", 1, 10), name="check_ins_satisfied_range"),
            models.CheckConstraint(condition=within("body_score", 1, 10), name="check_ins_body_range"),
            models.CheckConstraint(condition=within("care_score", 1, 10), name="check_ins_care_range"),
            models.CheckConstraint(condition=within("energy_level", 1, 5), name="check_ins_energy_range"),
            models.CheckConstraint(condition=Q(period_end__gte=F("week_start_date")), name="check_ins_period_in_order"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-check_in_date"], name="check_ins_own_list"),
            models.Index(fields=["group", "week_start_date"], name="check_ins_group_list"),
            models.Index(fields=["submitted_at"], name="check_ins_by_time"),
        ]

    def __str__(self) -> str:
        return f"check-in {self.pk}"

    def covers_day_of(self, period: Period) -> bool:
        """Whether this check-in's own period shares a day with another."""
        return self.week_start_date <= period.end and self.period_end >= period.start

    @property
    def hides_numbers(self) -> bool:
        """Whether other people see only that it happened. The author must be loaded.

        `CheckInQuerySet.with_sharing` says the opposite in SQL.
        """
        return self.is_private or self.user.keeps_scores_private

    def is_hidden_from(self, viewer: User) -> bool:
        """Whether this person sees only that the check-in happened. The author must be loaded."""
        return viewer.pk != self.user_id and self.hides_numbers


class ImportedRecord(models.Model):
    """A record of the old app that a person has imported, so that it is not imported again.

    It outlives the check-in: one that is deleted afterwards is not brought back by importing its file once more.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imported_records", db_index=False
    )
    legacy_id = models.CharField(max_length=MAX_ID)
    group = models.ForeignKey(Group, on_delete=models.SET_NULL, null=True, related_name="imported_records")
    imported_at = models.DateTimeField(default=now, db_default=Now())

    class Meta:
        db_table = "imported_records"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "legacy_id"], name="imported_records_once"),
        ]

    def __str__(self) -> str:
        return f"{self.legacy_id} of {self.user_id}"
