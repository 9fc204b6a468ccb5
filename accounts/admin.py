"""People, sessions and mails in the admin."""

from datetime import datetime
from typing import Any, cast

from django.contrib import admin, auth
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor, staff
from accounts.audit import note
from accounts.audit_admin import AuditedAdmin
from accounts.erasure import erase_person
from accounts.limits import hashed_account
from accounts.models import (
    FailedSignIns,
    OutgoingMail,
    OutgoingMailQuerySet,
    PinEnrolment,
    RefusedAddress,
    Session,
    User,
)
from accounts.personal_data import export_person
from accounts.roles import MODERATOR, SUPERUSER, SUPPORT, give_role, role_of, take_role
from accounts.states import count_failing, count_given_up
from accounts.worker_jobs import LATE_SECONDS, WorkerJob, all_overdue, overdue
from hucares.admin import HELP, MODERATE, RULE, ActingAdmin, ReadOnlyAdmin, attached, confirmed, linked, short_id
from hucares.dashboard import register_figure, register_series

# Roles are given by actions, and the groups here are friends'. Keys of authenticators and codes are nobody's to see.
for of_others in (auth.models.Group, TOTPDevice, StaticDevice):
    admin.site.unregister(of_others)


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """People. Nobody is made here, and no password is shown or set."""

    actions = (
        "deactivate",
        "reactivate",
        "revoke_sessions",
        "send_verification_again",
        "export",
        "erase",
        "make_support",
        "make_moderator",
        "make_superuser",
        "take_role",
        "remove_second_factor",
    )

    list_display = ("username", "email", "is_active", "email_verified", "is_staff", "created_at", "last_active_at")
    list_filter = ("is_active", "is_staff", "email_verified", "created_at", "last_active_at")
    search_fields = ("username", "email", "=id")
    search_help_text = "A part of the username or address, or the id."
    ordering = ("-created_at",)
    sortable_by = None
    fields = (
        "id",
        "username",
        "email",
        "pending_email",
        "email_verified",
        "timezone",
        "is_active",
        "role",
        "has_second_factor",
        "created_at",
        "last_login",
        "last_active_at",
    )

    @admin.display(description="role")
    def role(self, user: User) -> str:
        """What they may do here."""
        return role_of(user) or "none"

    @admin.display(description="second factor", boolean=True)
    def has_second_factor(self, user: User) -> bool:
        """Whether the admin asks them for a code."""
        return second_factor.is_on(user)

    def may_act(self, request: HttpRequest, row: User) -> bool:
        """Staff are for superusers; and nobody acts on themselves here."""
        return row.pk != request.user.pk and (bool(request.user.is_superuser) or not row.is_staff)

    @confirmed("Deactivate", "They are signed out everywhere at once, and cannot sign in. Their check-ins stay.", HELP)
    def deactivate(self, request: HttpRequest, user: User, reason: str) -> None:
        """Let somebody in no more."""
        staff.deactivate(user=user)
        note(request, user, "deactivate", reason, before={"is_active": user.is_active}, after={"is_active": False})

    @confirmed("Reactivate", "They can sign in again.", HELP)
    def reactivate(self, request: HttpRequest, user: User, reason: str) -> None:
        """Let somebody in again."""
        staff.reactivate(user=user)
        note(request, user, "reactivate", reason, before={"is_active": user.is_active}, after={"is_active": True})

    @confirmed(
        "Sign out everywhere",
        "Every sign-in of theirs ends at once, of the admin too; no device keeps its PIN.",
        HELP,
    )
    def revoke_sessions(self, request: HttpRequest, user: User, reason: str) -> None:
        """End somebody's sign-ins."""
        staff.revoke_sessions(user=user)
        note(request, user, "revoke sessions", reason)

    @confirmed(
        "Send the verification mail again", "They get another mail that asks them to confirm their address.", HELP
    )
    def send_verification_again(self, request: HttpRequest, user: User, reason: str) -> None:
        """Have an address confirmed."""
        staff.send_verification_again(user=user)
        note(request, user, "send verification again", reason)

    @confirmed(
        "Export",
        "You get a file with all that is stored about them, notes included. It is for them.",
        MODERATE,
        alone=True,
    )
    def export(self, request: HttpRequest, user: User, reason: str) -> HttpResponse:
        """Everything that is stored about somebody, as they would get it themselves."""
        note(request, user, "export", reason)
        return attached(export_person(user), f"hucares-{user.username}.json")

    @confirmed(
        "Erase", "They are removed with everything that names them. There is no way back but a backup.", MODERATE
    )
    def erase(self, request: HttpRequest, user: User, reason: str) -> None:
        """Remove somebody, as they could themselves."""
        subject = User(pk=user.pk)
        erase_person(user)
        note(request, subject, "erase")  # without the reason, which may name them

    @confirmed("Make support", "They see all rows here, and may help people.", RULE)
    def make_support(self, request: HttpRequest, user: User, reason: str) -> None:
        """Make somebody staff."""
        self.change_role(request, user, SUPPORT, reason)

    @confirmed("Make moderator", "They may act against people and groups, and see what is masked.", RULE)
    def make_moderator(self, request: HttpRequest, user: User, reason: str) -> None:
        """Make somebody staff who may do more."""
        self.change_role(request, user, MODERATOR, reason)

    @confirmed("Make superuser", "They may do everything, and decide who is staff.", RULE)
    def make_superuser(self, request: HttpRequest, user: User, reason: str) -> None:
        """Make somebody staff who may do everything."""
        self.change_role(request, user, SUPERUSER, reason)

    @confirmed("Take the role away", "They are staff no more, and out of the admin at once.", RULE)
    def take_role(self, request: HttpRequest, user: User, reason: str) -> None:
        """Make somebody a person like others."""
        self.change_role(request, user, "", reason)

    def change_role(self, request: HttpRequest, user: User, role: str, reason: str) -> None:
        """Give somebody a role, or none."""
        before = role_of(user)
        if role:
            give_role(user=user, role=role)
        else:
            take_role(user=user)
        note(request, user, "change role", reason, before={"role": before}, after={"role": role})

    @confirmed(
        "Remove the second factor", "Their authenticator and recovery codes are good for nothing any more.", RULE
    )
    def remove_second_factor(self, request: HttpRequest, user: User, reason: str) -> None:
        """Help somebody who has lost their telephone."""
        second_factor.turn_off(user=user)
        note(request, user, "remove second factor", reason)


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Where people are signed in."""

    list_display = (short_id, linked("user"), "created_at", "last_used_at", "revoked_at", "ip_address")
    list_select_related = ("user",)
    search_fields = ("=user__username", "=ip_address")
    search_help_text = "An id, the whole username, or an address."


@admin.register(PinEnrolment)
class PinEnrolmentAdmin(ReadOnlyAdmin):
    """Devices that may sign in by PIN."""

    list_display = (short_id, linked("user"), "created_at", "last_used_at", "failures", "user_agent")
    list_select_related = ("user",)
    search_fields = ("=user__username",)
    search_help_text = "The whole username."
    exclude = ("token_hash", "pin_hash")


class HashedAddressAdmin(ReadOnlyAdmin):
    """Rows that are kept under the hash of an address, which nobody can read: one looks for the address."""

    search_help_text = "The whole address."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The row of this address."""
        wanted = search_term.strip()
        return queryset.filter(pk=hashed_account(wanted)) if wanted else queryset, False


@admin.register(FailedSignIns)
class FailedSignInsAdmin(HashedAddressAdmin):
    """How often in a row signing in to an account failed."""

    list_display = ("__str__", "last_at")
    search_fields = ("account",)
    exclude = ("account",)
    ordering = ("-last_at",)


@admin.register(RefusedAddress)
class RefusedAddressAdmin(HashedAddressAdmin):
    """Addresses that are left alone."""

    list_display = ("__str__", "created_at")
    search_fields = ("address",)
    exclude = ("address",)
    ordering = ("-created_at",)


class HowItStands(admin.SimpleListFilter):
    """Mails by what has become of them."""

    title = parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The states."""
        return [("waiting", "waiting"), ("failing", "failing"), ("given-up", "given up"), ("sent", "sent")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those in the state that was chosen."""
        rows = cast(OutgoingMailQuerySet, queryset)
        states = {"waiting": rows.waiting, "failing": rows.failing, "given-up": rows.given_up, "sent": rows.sent}
        return states.get(self.value() or "", rows.all)()


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ActingAdmin):
    """Mails that wait, were sent lately, or were given up. What they say is the person's own."""

    actions = ("try_again",)

    list_display = (
        short_id,
        "kind",
        linked("user"),
        "email",
        "created_at",
        "due_at",
        "attempts",
        "last_error",
        "sent_at",
    )
    list_filter = (HowItStands, "kind")
    list_select_related = ("user",)
    search_fields = ("=email", "=user__username")
    search_help_text = "The whole address or username."
    exclude = ("data",)

    @confirmed("Try again now", "A mail that could not be sent is tried at once, also one that was given up.", HELP)
    def try_again(self, request: HttpRequest, mail: OutgoingMail, reason: str) -> None:
        """Do not wait any longer."""
        staff.try_mail_again(mail=mail)
        note(request, mail.user or mail, "try mail again", reason, after={"mail_id": str(mail.pk)})


@admin.register(WorkerJob)
class WorkerJobAdmin(ReadOnlyAdmin):
    """Whether what recurs is done."""

    list_display = ("name", "done_at", "is_in_time")
    ordering = ("done_at",)
    search_fields = ("name",)

    @admin.display(description="in time", boolean=True)
    def is_in_time(self, row: WorkerJob) -> bool:
        """Whether some worker has done it when it was due, or within a quarter of an hour."""
        return overdue(row.name, row.done_at) <= LATE_SECONDS


def count_sign_ups(since: datetime) -> int:
    """People who have registered since a moment."""
    return User.objects.filter(created_at__gte=since).count()


def count_failing_mails(since: datetime) -> int:
    """Mails whose last attempt failed, whenever that was, given up or not."""
    return count_failing() + count_given_up()


def count_overdue_jobs(since: datetime) -> int:
    """Jobs that no worker has done though they are due, whenever that was."""
    return sum(seconds > LATE_SECONDS for seconds in all_overdue())


register_figure("sign-ups today", count_sign_ups, "admin:accounts_user_changelist")
register_figure("failing mails", count_failing_mails, "admin:accounts_outgoingmail_changelist")
register_figure("overdue jobs", count_overdue_jobs, "admin:accounts_workerjob_changelist")
register_series("Sign-ups", User.objects.all, "created_at")
