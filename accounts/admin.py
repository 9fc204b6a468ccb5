"""People and sessions in the admin."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Session, User
from hucares.admin import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People. Passwords are neither shown nor set here, and nobody is made or removed."""

    list_display = ("username", "email", "is_active", "is_staff", "created_at", "last_active_at")
    list_filter = ("is_active", "is_staff", "email_verified")
    search_fields = ("username", "email")
    ordering = ("-created_at",)
    exclude = ("password", "notification_preferences", "privacy_settings")
    readonly_fields = ("username", "email", "email_verified", "timezone", "created_at", "last_login", "last_active_at")
    filter_horizontal: ClassVar = ("groups", "user_permissions")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People register themselves."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Removing somebody concerns their groups' counts and admins: deactivate instead."""
        return False


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Where people are signed in."""

    list_display = ("id", "user", "created_at", "last_used_at", "revoked_at", "ip_address")
    list_select_related = ("user",)
    ordering = ("-created_at",)
