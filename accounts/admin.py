"""People, sessions and mails in the admin."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, auth
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts import staff
from accounts.audit import AuditEntry, note
from accounts.erasure import erase_person
from accounts.models import FailedSignIns, OutgoingMail, PinEnrolment, RefusedAddress, Session, User
from hucares.admin import ActingAdmin, ReadOnlyAdmin, confirmed

admin.site.unregister(auth.models.Group)  # staff are given permissions one by one; the groups here are friends'


@admin.register(User)
class UserAdmin(ActingAdmin):
    """People. Passwords are neither shown nor set here, and nobody is made."""

    actions = ("deactivate", "reactivate", "revoke_sessions", "send_verification_again", "erase")

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
        changed = columns.intersection(form.changed_data)
        obj.save(update_fields=changed | {"updated_at"})
        if not obj.is_active:
            staff.deactivate(user=obj)
        if changed:
            before = {name: form.initial.get(name) for name in changed}
            note(request, obj, "change", before=before, after={name: getattr(obj, name) for name in changed})

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Staff are for superusers."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_staff or bool(request.user.is_superuser))

    def may_act(self, request: HttpRequest, row: User) -> bool:
        """Staff are for superusers; and nobody acts on themselves here."""
        return row.pk != request.user.pk and (request.user.is_superuser or not row.is_staff)

    @confirmed("Deactivate", "They are signed out everywhere at once, and cannot sign in. Their check-ins stay.")
    def deactivate(self, request: HttpRequest, user: User, reason: str) -> None:
        """Let somebody in no more."""
        staff.deactivate(user=user)
        note(request, user, "deactivate", reason, before={"is_active": user.is_active}, after={"is_active": False})

    @confirmed("Reactivate", "They can sign in again.")
    def reactivate(self, request: HttpRequest, user: User, reason: str) -> None:
        """Let somebody in again."""
        staff.reactivate(user=user)
        note(request, user, "reactivate", reason, before={"is_active": user.is_active}, after={"is_active": True})

    @confirmed("Sign out everywhere", "Every sign-in of theirs ends at once, those to the admin as well.")
    def revoke_sessions(self, request: HttpRequest, user: User, reason: str) -> None:
        """End somebody's sign-ins."""
        staff.revoke_sessions(user=user)
        note(request, user, "revoke sessions", reason)

    @confirmed("Send the verification mail again", "They get another mail that asks them to confirm their address.")
    def send_verification_again(self, request: HttpRequest, user: User, reason: str) -> None:
        """Have an address confirmed."""
        staff.send_verification_again(user=user)
        note(request, user, "send verification again", reason)

    @confirmed("Erase", "They are removed with everything that names them. There is no way back but a backup.")
    def erase(self, request: HttpRequest, user: User, reason: str) -> None:
        """Remove somebody, as they could themselves."""
        subject = User(pk=user.pk)
        erase_person(user)
        note(request, subject, "erase")  # without the reason, which may name them

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People register themselves."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Removing somebody concerns their groups' counts and admins: there is an action for it."""
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


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """What staff have done. Nobody changes or removes any of it, superusers included."""

    list_display = ("at", "action", "done_by", "done_to", "reason", "address")
    list_filter = ("action", "subject_type")
    search_fields = ("=subject_id", "=staff_id")
    search_help_text = "The id of who did it, or of whom or what it was done to."
    ordering = ("-at",)
    show_full_result_count = False

    @admin.display(description="by", ordering="staff_id")
    def done_by(self, entry: AuditEntry) -> str:
        """Who did it, by their id; the link leads nowhere once they are erased."""
        return page_link("accounts_user", entry.staff_id)

    @admin.display(description="to", ordering="subject_id")
    def done_to(self, entry: AuditEntry) -> str:
        """To whom, or to which group."""
        return page_link({"users": "accounts_user", "groups": "groups_group"}[entry.subject_type], entry.subject_id)


def page_link(page: str, key: UUID) -> str:
    """A link to a row's page, named by the end of its id."""
    return format_html('<a href="{}">…{}</a>', reverse(f"admin:{page}_change", args=[key]), key.hex[-8:])
