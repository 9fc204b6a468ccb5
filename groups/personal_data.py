"""What groups stores about a person, and how groups go on without them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import User
from accounts.personal_data import NOT_THEIRS, register_eraser, register_rows
from groups.invitations import withdraw_invitations
from groups.members import depart
from groups.models import Departure, Group, Membership, MembershipSpan, Status
from groups.services import count_change_for

register_rows(
    "memberships",
    Membership,
    shown=(
        "id",
        "group_id",
        "role",
        "permissions",
        "status",
        "banned_while_away",
        "joined_at",
        "last_active_at",
        "notification_enabled",
    ),
)
register_rows(
    "membershipSpans",
    MembershipSpan,
    owner="membership__user",
    shown=("id", "membership_id", "joined_at", "left_at"),
)
register_rows(
    "groupsFounded",
    Group,
    owner="created_by",
    # Of what the group has become since, its founder may know nothing who has left it: not even its name.
    shown=("id", "created_at"),
    withheld=dict.fromkeys(
        (
            "name",
            "description",
            "access_code",
            "is_private",
            "max_members",
            "allow_member_invite",
            "check_in_frequency",
            "timezone",
            "updated_at",
            "is_active",
            "member_count",
            "total_check_ins",
            "average_participation_rate",
            "period_closes_at",
            "version",
        ),
        NOT_THEIRS,
    ),
)


@register_eraser
@contextmanager
def leaving_every_group(user: User) -> Iterator[None]:
    """Step out of every group, as by leaving, and withdraw invitations that are on their way."""
    count_change_for(user.pk)  # locks them all
    for membership in Membership.objects.filter(user=user, status=Status.ACTIVE).select_related("group", "user"):
        depart(membership, Departure.ERASED)
    withdraw_invitations(user)
    yield
