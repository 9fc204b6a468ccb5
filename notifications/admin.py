"""Notifications, reminders and push subscriptions in the admin."""

from urllib.parse import urlsplit

from django.contrib import admin

from hucares.admin import ReadOnlyAdmin, linked, short_id
from notifications.models import Notification, OutgoingPush, PushSubscription, Reminder


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """What people were told."""

    list_display = ("type", linked("user"), "title", "is_read", "is_sent", "created_at", "expires_at")
    list_filter = ("type", "is_read", "is_sent")
    list_select_related = ("user",)
    search_fields = ("=user__username",)
    search_help_text = "An id, or the whole username."


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    """Who was reminded to check in."""

    list_display = (short_id, linked("user"), linked("group"), "period_start", "closes_at", "created_at")
    list_select_related = ("user", "group")
    search_fields = ("=user__username", "=group__name")
    search_help_text = "An id, the whole username, or the whole name of the group."


@admin.register(PushSubscription)
class PushSubscriptionAdmin(ReadOnlyAdmin):
    """Browsers that take pushes. Whoever knows an endpoint can send there: only its host is shown, and no key."""

    list_display = (short_id, linked("user"), "host", "created_at", "expires_at")
    fields = ("user", "host", "user_agent", "created_at", "expires_at")
    readonly_fields = ("host",)
    list_select_related = ("user",)
    search_fields = ("=user__username",)
    search_help_text = "An id, or the whole username."
    ordering = ("-created_at",)

    def host(self, row: PushSubscription) -> str:
        """The push service."""
        return urlsplit(row.endpoint).hostname or ""


@admin.register(OutgoingPush)
class OutgoingPushAdmin(ReadOnlyAdmin):
    """Pushes that wait to be sent."""

    list_display = (short_id, linked("notification"), linked("subscription"), "due_at", "attempts")
    list_select_related = ("notification", "subscription")
    ordering = ("due_at",)
