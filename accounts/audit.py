"""The audit log: what staff have done, to whom or what, and why. Rows are added, and never changed or removed.

It holds ids, no names. Erasing a person leaves the rows and takes out of them what they said of the person.
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.timezone import now

from hucares.ids import RandomUUID, uuid7


class AppendOnly(Exception):
    """Rows of the audit log stay as they are."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Entries, which cannot be changed or deleted together either."""

    def update(self, **_: Any) -> NoReturn:
        """Never. Raises `AppendOnly`."""
        raise AppendOnly

    def delete(self) -> NoReturn:
        """Never. Raises `AppendOnly`."""
        raise AppendOnly

    def about(self, person_id: UUID) -> AuditQuerySet:
        """What was done to somebody, or by them."""
        return self.filter(Q(subject_id=person_id) | Q(staff_id=person_id))

    def blank(self) -> None:
        """Take out what entries say of a person who is being erased: who, when, what and to which id stay."""
        super().update(before=None, after=None, address=None, reason="")


class AuditEntry(models.Model):
    """One thing that a member of staff has done. `before` and `after` are the columns that it has changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    at = models.DateTimeField(default=now, db_default=Now())
    # Ids and no foreign keys: an entry outlives whom it is about.
    staff_id = models.UUIDField()
    action = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)  # the name of its table
    subject_id = models.UUIDField()
    reason = models.CharField(max_length=500, default="", db_default="", blank=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    objects: ClassVar = AuditQuerySet.as_manager()

    class Meta:
        db_table = "audit_log"
        verbose_name_plural = "audit log"
        indexes: ClassVar = [
            models.Index(fields=["-at"], name="audit_log_by_time"),
            models.Index(fields=["subject_id"], name="audit_log_of_subject"),
            models.Index(fields=["staff_id"], name="audit_log_of_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject_id}"

    def save(self, *args: Any, **options: Any) -> None:
        """Add the entry. Raises `AppendOnly` for one that is there already."""
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        """Never. Raises `AppendOnly`."""
        raise AppendOnly


def note(
    request: HttpRequest,
    subject: models.Model,
    action: str,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add what a member of staff does by this request, in the transaction in which it is done."""
    assert request.user.pk is not None, "nobody else gets into the admin"
    return AuditEntry.objects.create(
        staff_id=request.user.pk,
        action=action,
        subject_type=subject._meta.db_table,
        subject_id=subject.pk,
        reason=reason,
        before=before,
        after=after,
        address=request.META.get("REMOTE_ADDR"),
    )
