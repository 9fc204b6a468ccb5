"""A group, who is in it, and when they were."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import JSONField, Q, Value
from django.db.models.functions import Lower, Now
from django.utils.functional import cached_property
from django.utils.timezone import now

from accounts.models import User
from groups.access_codes import new_access_code
from groups.periods import Period, period_at
from hucares.ids import RandomUUID, uuid7

if TYPE_CHECKING:
    from uuid import UUID


class Frequency(models.TextChoices):
    """How often a group checks in."""

    DAILY = "daily"
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"


class Role(models.TextChoices):
    """What a member may do, from most to least."""

    ADMIN = "admin"
    MODERATOR = "moderator"
    MEMBER = "member"


class Status(models.TextChoices):
    """Whether a membership counts."""

    ACTIVE = "active"
    INACTIVE = "inactive"  # left or was removed; the history stays
    BANNED = "banned"


SETTABLE_STATUSES = [Status.ACTIVE.value, Status.BANNED.value]  # what an admin may make of a membership


class Departure(models.TextChoices):
    """Why somebody is no member any more."""

    LEFT = "left"
    REMOVED = "removed"
    BANNED = "banned"
    ERASED = "erased"  # the account is gone


class Group(models.Model):
    """A small trusted group. `member_count` and `total_check_ins` always equal a recount."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    name = models.CharField(max_length=100)
    description = models.TextField(null=True, blank=True)
    access_code = models.CharField(max_length=10, default=new_access_code)

    is_private = models.BooleanField(default=True, db_default=True)
    max_members = models.IntegerField(
        default=20, db_default=20, validators=[MinValueValidator(2), MaxValueValidator(100)]
    )
    allow_member_invite = models.BooleanField(default=True, db_default=True)
    check_in_frequency = models.CharField(
        max_length=20, choices=Frequency, default=Frequency.WEEKLY, db_default=Frequency.WEEKLY
    )
    timezone = models.CharField(max_length=50, default="UTC", db_default="UTC")

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())
    is_active = models.BooleanField(default=True, db_default=True)

    member_count = models.IntegerField(default=0, db_default=0)
    total_check_ins = models.IntegerField(default=0, db_default=0)
    average_participation_rate = models.DecimalField(max_digits=4, decimal_places=2, default=0, db_default=0)
    # When the open period ends and the rate is due to be worked out again; null: at once.
    period_closes_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Counts changes that could show in a figure about this group; cached figures are kept under it.
    version = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        db_table = "groups"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["access_code"], name="groups_access_code_unique"),
            models.CheckConstraint(condition=Q(check_in_frequency__in=Frequency.values), name="groups_frequency_known"),
            models.CheckConstraint(
                condition=Q(member_count__gte=0, total_check_ins__gte=0), name="groups_counts_not_negative"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["period_closes_at"], condition=Q(is_active=True), name="groups_period_due"),
            # Public groups are listed by name.
            models.Index(Lower("name"), "id", condition=Q(is_active=True, is_private=False), name="groups_public"),
        ]

    def __str__(self) -> str:
        return self.name

    def period_at(self, moment: datetime) -> Period:
        """The period that is open at an instant, by the group's frequency and zone as they are now."""
        return period_at(moment, self.check_in_frequency, self.timezone)

    @cached_property
    def current_period(self) -> Period:
        """The period that is open now; worked out once for a loaded row, so that a request has one idea of it."""
        return self.period_at(now())

    def schedule_close(self) -> None:
        """Note, without saving, when the period that is open now closes."""
        self.period_closes_at = self.current_period.closes_at

    def restart_periods(self) -> None:
        """Note, without saving, that periods run otherwise from now on: the rate, which is of other periods, is due."""
        vars(self).pop("current_period", None)
        self.period_closes_at = None


def default_permissions() -> dict[str, bool]:
    """What a plain member may do beside checking in."""
    return {"can_invite": False, "can_kick": False}


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Which memberships count."""

    def active(self) -> MembershipQuerySet:
        """Present members of living groups."""
        return self.filter(status=Status.ACTIVE, group__is_active=True)

    def standing(self, user: User, group_id: UUID) -> MembershipQuerySet:
        """This person's active membership of this living group, if there is one; with the group and the person."""
        return self.active().filter(user=user, group=group_id).select_related("group", "user")


class Membership(models.Model):
    """One person in one group; the row stays when the person leaves, and is revived by joining again."""

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    # No index of its own: the unique constraint below begins with it. So it is with such keys elsewhere.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")

    role = models.CharField(max_length=20, choices=Role, default=Role.MEMBER, db_default=Role.MEMBER)
    permissions = models.JSONField(
        default=default_permissions, db_default=Value(default_permissions(), JSONField()), blank=True
    )

    status = models.CharField(max_length=20, choices=Status, default=Status.ACTIVE, db_default=Status.ACTIVE)
    # Whether a ban found them gone already: when it is lifted they stay away, for nobody has asked them.
    banned_while_away = models.BooleanField(default=False, db_default=False, editable=False)
    joined_at = models.DateTimeField(default=now, db_default=Now())
    last_active_at = models.DateTimeField(null=True, blank=True)

    notification_enabled = models.BooleanField(default=True, db_default=True)

    objects: ClassVar = MembershipQuerySet.as_manager()

    class Meta:
        db_table = "group_memberships"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "group"], name="group_memberships_one_per_person"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="group_memberships_role_known"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="group_memberships_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"

    @property
    def may_invite(self) -> bool:
        """Whether this member may bring others in. The group must be loaded."""
        return (
            self.role in {Role.ADMIN, Role.MODERATOR}
            or self.group.allow_member_invite
            or bool(self.permissions.get("can_invite"))
        )

    @property
    def may_remove_somebody(self) -> bool:
        """Whether this member may take anybody out at all."""
        return self.role in {Role.ADMIN, Role.MODERATOR} or bool(self.permissions.get("can_kick"))

    def may_remove(self, other: Membership) -> bool:
        """Whether this member may take that other one out: an admin anybody, the rest plain members only."""
        return self.role == Role.ADMIN or (self.may_remove_somebody and other.role == Role.MEMBER)


class MembershipSpan(models.Model):
    """A stretch of time in which somebody was present; a membership has one for each time of joining.

    The membership's one row cannot tell who was a member when; participation counts by these.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="spans")
    joined_at = models.DateTimeField(default=now)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "membership_spans"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["membership"], condition=Q(left_at=None), name="membership_spans_one_open"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=models.F("joined_at")), name="membership_spans_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} from {self.joined_at}"
