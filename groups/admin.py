"""Groups and members in the admin."""

from django.contrib import admin

from groups.models import Group, Membership, MembershipSpan
from hucares.admin import ReadOnlyAdmin


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    """Groups."""

    list_display = ("name", "check_in_frequency", "timezone", "member_count", "total_check_ins", "is_active")
    list_filter = ("is_active", "is_private", "check_in_frequency")
    search_fields = ("name", "access_code")


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Who is in which group."""

    list_display = ("user", "group", "role", "status", "joined_at")
    list_filter = ("role", "status")
    list_select_related = ("user", "group")
    search_fields = ("user__username", "group__name")


@admin.register(MembershipSpan)
class MembershipSpanAdmin(ReadOnlyAdmin):
    """Who was present when."""

    list_display = ("membership", "joined_at", "left_at")
    list_select_related = ("membership",)
