"""Check-ins in the admin. What somebody keeps to themselves is masked, and so is what they wrote."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.audit import note
from checkins.models import CheckIn, ImportedRecord
from hucares.admin import MODERATE, ActingAdmin, ReadOnlyAdmin, confirmed, linked, short_id
from hucares.dashboard import register_figure, register_series

NUMBERS = ("productive_score", "satisfied_score", "body_score", "care_score", "hu_cares_score", "energy_level")
FELT = (*NUMBERS, "mood_emoji", "reflection_note")
MASKED = "•••"


def masked(name: str) -> Any:
    """A column that shows a number only where the group sees it too."""

    @admin.display(description=CheckIn._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # no relation
    def column(check_in: CheckIn) -> Any:
        return MASKED if check_in.hides_numbers else getattr(check_in, name)

    column.__name__ = f"masked_{name}"
    return column


@admin.register(CheckIn)
class CheckInAdmin(ActingAdmin):
    """When somebody checked in, and how they were if their group sees that."""

    actions = ("reveal",)

    list_display = (
        short_id,
        linked("user"),
        linked("group"),
        "week_start_date",
        masked("hu_cares_score"),
        "submitted_at",
        "is_private",
    )
    list_filter = ("is_private", "submitted_at")
    list_select_related = ("user", "group")
    search_fields = ("=user__username", "=group__name")
    search_help_text = "An id, the whole username, or the whole name of the group."
    fields = readonly_fields = (
        "id",
        "user",
        "group",
        "week_start_date",
        "period_end",
        "closes_at",
        "submitted_at",
        "is_private",
        *(masked(name) for name in (*NUMBERS, "mood_emoji")),
        "note",
    )

    @admin.display(description="reflection note")
    def note(self, check_in: CheckIn) -> str:
        """Whether they wrote something."""
        return MASKED if check_in.reflection_note else "-"

    @confirmed("Show what is masked", "You see their numbers and their note. They are not told.", MODERATE, alone=True)
    def reveal(self, request: HttpRequest, check_in: CheckIn, reason: str) -> HttpResponse:
        """All of one check-in, this once."""
        note(request, check_in.user, "reveal check-in", reason, after={"check_in_id": str(check_in.pk)})
        labels = {name: CheckIn._meta.get_field(name).verbose_name for name in FELT}  # type: ignore[union-attr]
        context = {
            **admin.site.each_context(request),
            "title": "What is masked",
            "opts": self.opts,
            "row": check_in,
            "values": [(label, getattr(check_in, name)) for name, label in labels.items()],
        }
        return TemplateResponse(request, "admin/revealed.html", context)


@admin.register(ImportedRecord)
class ImportedRecordAdmin(ReadOnlyAdmin):
    """When somebody imported something of the old app's, and where to."""

    list_display = (short_id, linked("user"), linked("group"), "imported_at")
    list_select_related = ("user", "group")
    search_fields = ("=user__username", "=group__name")
    search_help_text = "The whole username, or the whole name of the group."
    fields = ("user", "group", "imported_at")


def count_check_ins(since: datetime) -> int:
    """Check-ins made since a moment."""
    return CheckIn.objects.filter(submitted_at__gte=since).count()


def count_active_groups(since: datetime) -> int:
    """Groups in which somebody has checked in since a moment."""
    return CheckIn.objects.filter(submitted_at__gte=since).values("group").distinct().count()


register_figure("check-ins today", count_check_ins, "admin:checkins_checkin_changelist")
register_figure("active groups today", count_active_groups, "admin:groups_group_changelist")
register_series("Check-ins", CheckIn.objects.all, "submitted_at")
