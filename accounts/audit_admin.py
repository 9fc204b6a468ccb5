"""The audit log in the admin, and the way to it from what it tells of."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest

from accounts.audit import AuditEntry
from accounts.models import User
from hucares.admin import ActingAdmin, ReadOnlyAdmin, address_of_list, link_to

SUBJECTS = {"users": "accounts.User", "groups": "groups.Group", "outgoing_mails": "accounts.OutgoingMail"}


class AuditedAdmin(ActingAdmin):
    """Rows whose pages lead to what staff have done to them."""

    def lists_about(self, request: HttpRequest, key: str) -> Iterator[tuple[str, str]]:
        """The audit log, too."""
        yield from super().lists_about(request, key)
        yield "audit log", f"{address_of_list(AuditEntry)}?{urlencode({'subject_id__exact': key})}"


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """What staff have done. Nobody changes or removes any of it, superusers included."""

    list_display = ("at", "action", "done_by", "done_to", "reason", "address")
    list_filter = ("action", "subject_type", "at")
    search_fields = ("=subject_id", "=staff_id")
    search_help_text = "The id of who did it, or of whom or what it was done to."
    ordering = ("-at",)

    @admin.display(description="by")
    def done_by(self, entry: AuditEntry) -> str:
        """Who did it, by their id; the link leads nowhere once they are erased."""
        return link_to(User, entry.staff_id, f"…{entry.staff_id.hex[-8:]}")

    @admin.display(description="to")
    def done_to(self, entry: AuditEntry) -> str:
        """To whom, or to what."""
        model = apps.get_model(SUBJECTS[entry.subject_type])
        return link_to(model, entry.subject_id, f"…{entry.subject_id.hex[-8:]}")
