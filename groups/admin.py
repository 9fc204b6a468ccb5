"""Groups and members in the admin."""

from django.contrib import admin
from django.http import HttpRequest

from accounts.audit import note
from accounts.audit_admin import AuditedAdmin
from groups import staff
from groups.models import Group, Membership, MembershipSpan
from hucares.admin import HELP, MODERATE, ActingAdmin, ReadOnlyAdmin, confirmed, linked, short_id


@admin.register(Group)
class GroupAdmin(AuditedAdmin):
    """Groups."""

    actions = ("archive", "restore", "renew_access_code")

    list_display = (
        "name",
        "check_in_frequency",
        "timezone",
        "member_count",
        "total_check_ins",
        "average_participation_rate",
        "is_private",
        "is_active",
        "created_at",
    )
    list_filter = ("is_active", "is_private", "check_in_frequency", "created_at")
    search_fields = ("name", "=id")
    search_help_text = "A part of the name, or the id."
    exclude = ("access_code",)  # it lets people in, and is the members' to hand out
    sortable_by = None

    @confirmed("Archive", "Its members see it no more. Their check-ins stay, and so does all they wrote.", MODERATE)
    def archive(self, request: HttpRequest, group: Group, reason: str) -> None:
        """End a group."""
        staff.archive_group(group_id=group.pk)
        note(request, group, "archive", reason, before={"is_active": True}, after={"is_active": False})

    @confirmed("Restore", "Those who were its members when it ended see it again, with all that was in it.", MODERATE)
    def restore(self, request: HttpRequest, group: Group, reason: str) -> None:
        """Let a group that has ended go on."""
        staff.restore_group(group_id=group.pk)
        note(request, group, "restore", reason, before={"is_active": False}, after={"is_active": True})

    @confirmed(
        "New access code", "The code of now opens nothing any more. Members find the new one in the group.", HELP
    )
    def renew_access_code(self, request: HttpRequest, group: Group, reason: str) -> None:
        """Another code; neither of the two is anybody's business here."""
        staff.renew_access_code(group_id=group.pk)
        note(request, group, "renew access code", reason)


@admin.register(Membership)
class MembershipAdmin(ActingAdmin):
    """Who is in which group."""

    actions = ("remove", "ban")

    list_display = (short_id, linked("user"), linked("group"), "role", "status", "joined_at")
    list_filter = ("role", "status")
    list_select_related = ("user", "group")
    search_fields = ("=user__username", "=group__name")
    search_help_text = "The whole username, or the whole name of the group."

    @confirmed("Remove from the group", "They hear that they are out, and may come back.", MODERATE)
    def remove(self, request: HttpRequest, membership: Membership, reason: str) -> None:
        """Take a member out."""
        staff.remove_member(membership=membership)
        self.note(request, membership, "remove member", reason)

    @confirmed("Ban from the group", "They hear that they are out, and cannot come back before it is lifted.", MODERATE)
    def ban(self, request: HttpRequest, membership: Membership, reason: str) -> None:
        """Keep somebody out."""
        staff.ban_member(membership=membership)
        self.note(request, membership, "ban member", reason)

    def note(self, request: HttpRequest, membership: Membership, action: str, reason: str) -> None:
        """The person is whom it is about; the group is what has changed for them."""
        before, after = ({"group_id": str(membership.group_id), "status": status} for status in states_of(membership))
        note(request, membership.user, action, reason, before=before, after=after)


def states_of(membership: Membership) -> tuple[str, str]:
    """The status of a membership as it was read, and as it is now."""
    return membership.status, Membership.objects.values_list("status", flat=True).get(pk=membership.pk)


@admin.register(MembershipSpan)
class MembershipSpanAdmin(ReadOnlyAdmin):
    """Who was present when."""

    list_display = (short_id, linked("membership"), "joined_at", "left_at")
    list_select_related = ("membership",)
