"""Check-ins in the admin: that they happened, not what they say."""

from django.contrib import admin

from checkins.models import CheckIn, ImportedRecord
from hucares.admin import ReadOnlyAdmin


@admin.register(CheckIn)
class CheckInAdmin(ReadOnlyAdmin):
    """When somebody checked in. Numbers and notes belong to the group, not to staff."""

    list_display = ("user", "group", "week_start_date", "submitted_at", "is_private")
    list_filter = ("is_private",)
    list_select_related = ("user", "group")
    date_hierarchy = "submitted_at"
    fields = ("user", "group", "week_start_date", "period_end", "closes_at", "submitted_at", "is_private")


@admin.register(ImportedRecord)
class ImportedRecordAdmin(ReadOnlyAdmin):
    """When somebody imported something of the old app's, and where to."""

    list_display = ("user", "group", "imported_at")
    list_select_related = ("user", "group")
    date_hierarchy = "imported_at"
    fields = ("user", "group", "imported_at")
