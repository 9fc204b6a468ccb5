"""People and sessions in the admin."""

from typing import ClassVar

from django.contrib import admin

from accounts.models import Session, User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People. Passwords are neither shown nor set here."""

    list_display = ("username", "email", "is_active", "is_staff", "created_at", "last_active_at")
    list_filter = ("is_active", "is_staff", "email_verified")
    search_fields = ("username", "email")
    ordering = ("-created_at",)
    exclude = ("password",)
    readonly_fields = ("created_at", "updated_at", "last_login", "last_active_at")
    filter_horizontal: ClassVar = ("groups", "user_permissions")


@admin.register(Session)
class SessionAdmin(admin.ModelAdmin):
    """Where people are signed in."""

    list_display = ("id", "user", "created_at", "last_used_at", "revoked_at", "ip_address")
    list_select_related = ("user",)
    raw_id_fields = ("user",)
    ordering = ("-created_at",)
