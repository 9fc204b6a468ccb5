"""Notifications in the admin."""

from django.contrib import admin

from hucares.admin import ReadOnlyAdmin
from notifications.models import Notification


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """What people were told."""

    list_display = ("type", "user", "title", "is_read", "is_sent", "created_at", "expires_at")
    list_filter = ("type", "is_read", "is_sent")
    list_select_related = ("user",)
    date_hierarchy = "created_at"
