"""Sockets and events in the admin."""

from django.contrib import admin

from hucares.admin import ReadOnlyAdmin
from realtime.models import GroupEvent, GroupLog, UserSession


@admin.register(UserSession)
class UserSessionAdmin(ReadOnlyAdmin):
    """Sockets that are or were open."""

    list_display = ("user", "connected_at", "last_heartbeat", "closed_at", "ip_address")
    list_select_related = ("user",)
    date_hierarchy = "connected_at"


@admin.register(GroupLog)
class GroupLogAdmin(ReadOnlyAdmin):
    """How long each group's log is."""

    list_display = ("group", "head", "epoch")
    list_select_related = ("group",)


@admin.register(GroupEvent)
class GroupEventAdmin(ReadOnlyAdmin):
    """What happened in groups. There is no score in it."""

    list_display = ("group", "seq", "event", "subject", "created_at")
    list_filter = ("event",)
    list_select_related = ("group", "subject")
