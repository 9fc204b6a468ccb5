"""Sockets and events in the admin."""

from datetime import datetime

from django.contrib import admin

from hucares.admin import ReadOnlyAdmin, linked, short_id
from hucares.dashboard import register_figure
from realtime.models import GroupEvent, GroupLog, UserSession, is_open


@admin.register(UserSession)
class UserSessionAdmin(ReadOnlyAdmin):
    """Sockets that are or were open."""

    list_display = (short_id, linked("user"), "connected_at", "last_heartbeat", "closed_at", "ip_address")
    list_select_related = ("user",)
    search_fields = ("=user__username", "=ip_address")
    search_help_text = "An id, the whole username, or an address."


@admin.register(GroupLog)
class GroupLogAdmin(ReadOnlyAdmin):
    """How long each group's log is."""

    list_display = ("__str__", linked("group"), "head", "epoch")
    list_select_related = ("group",)
    search_fields = ("=group__name",)
    search_help_text = "The whole name of the group."


@admin.register(GroupEvent)
class GroupEventAdmin(ReadOnlyAdmin):
    """What happened in groups. There is no score in it."""

    list_display = (short_id, linked("group"), "seq", "event", linked("subject"), "created_at")
    list_filter = ("event",)
    list_select_related = ("group", "subject")
    search_fields = ("=group__name", "=subject__username")
    search_help_text = "The whole name of the group, or the whole username."


def count_open_sockets(since: datetime) -> int:
    """Sockets that are open now, of all processes."""
    return UserSession.objects.filter(is_open()).count()


register_figure("open sockets", count_open_sockets, "admin:realtime_usersession_changelist")
