"""People, sessions and mails in the admin."""

from typing import Any, ClassVar

from django.contrib import admin, auth
from django.http import HttpRequest

from accounts.models import FailedSignIns, OutgoingMail, PinEnrolment, RefusedAddress, Session, User
from accounts.sessions import end_enrolments, end_sessions, live_sessions_of
from hucares.admin import ReadOnlyAdmin

admin.site.unregister(auth.models.Group)  # staff are given permissions one by one; the groups here are friends'


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People. Passwords are neither shown nor set here, and nobody is made or removed."""

    list_display = ("username", "email", "is_active", "is_staff", "created_at", "last_active_at")
    list_filter = ("is_active", "is_staff", "email_verified")
    search_fields = ("username", "email")
    ordering = ("-created_at",)
    exclude = ("password", "notification_preferences", "privacy_settings", "groups")
    readonly_fields = (
        "username",
        "email",
        "pending_email",
        "email_verified",
        "timezone",
        "created_at",
        "last_login",
        "last_active_at",
    )
    filter_horizontal: ClassVar = ("user_permissions",)
    rights = ("is_staff", "is_superuser", "user_permissions")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Only superusers give rights: whoever may change people could otherwise give themselves all of them."""
        return self.readonly_fields if request.user.is_superuser else (*self.readonly_fields, *self.rights)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Only what the form shows is saved: the rest may have changed since it was read.

        Whoever is deactivated is signed out everywhere, sockets included, and no device keeps its PIN.
        """
        columns = {field.name for field in obj._meta.concrete_fields}
        obj.save(update_fields=columns.intersection(form.changed_data) | {"updated_at"})
        if not obj.is_active:
            end_enrolments(obj)
            end_sessions(live_sessions_of(obj))

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


@admin.register(PinEnrolment)
class PinEnrolmentAdmin(ReadOnlyAdmin):
    """Devices that may sign in by PIN."""

    list_display = ("id", "user", "created_at", "last_used_at", "failures", "user_agent")
    list_select_related = ("user",)
    exclude = ("token_hash", "pin_hash")
    ordering = ("-created_at",)


@admin.register(FailedSignIns)
class FailedSignInsAdmin(ReadOnlyAdmin):
    """How often in a row signing in failed. An account is the SHA-256 of its address in lower case."""

    list_display = ("account", "failures", "last_at")
    search_fields = ("account",)
    ordering = ("-last_at",)


@admin.register(RefusedAddress)
class RefusedAddressAdmin(ReadOnlyAdmin):
    """Addresses that are left alone, each as the SHA-256 of it in lower case."""

    list_display = ("address", "created_at")
    search_fields = ("address",)
    ordering = ("-created_at",)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    """Mails that wait, were sent lately, or were given up."""

    list_display = ("id", "kind", "email", "created_at", "due_at", "attempts", "last_error", "sent_at")
    list_filter = ("kind",)
    search_fields = ("email",)
    ordering = ("-created_at",)
