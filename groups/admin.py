"""Groups and members in the admin."""

from django.contrib import admin

from groups.models import Group, Membership, MembershipSpan


@admin.register(Group)
class GroupAdmin(admin.ModelAdmin):
    """Groups."""

    list_display = ("name", "check_in_frequency", "timezone", "member_count", "total_check_ins", "is_active")
    list_filter = ("is_active", "is_private", "check_in_frequency")
    search_fields = ("name", "access_code")
    raw_id_fields = ("created_by",)
    readonly_fields = ("member_count", "total_check_ins", "average_participation_rate", "created_at", "updated_at")


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    """Who is in which group."""

    list_display = ("user", "group", "role", "status", "joined_at")
    list_filter = ("role", "status")
    list_select_related = ("user", "group")
    raw_id_fields = ("user", "group")


@admin.register(MembershipSpan)
class MembershipSpanAdmin(admin.ModelAdmin):
    """Who was present when."""

    list_display = ("membership", "joined_at", "left_at")
    raw_id_fields = ("membership",)
