"""Whether somebody is in a group, asked the same way everywhere."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from groups.models import Group, Membership, Role
from hucares.database import take_turns
from hucares.errors import Forbidden, NotFound

NO_SUCH_GROUP = "There is no such group, or you are not in it."


def membership_of(user: User, group_id: UUID) -> Membership:
    """This person's active membership of a living group, with the group. Raises `NotFound`.

    A group that somebody is not in answers like one that does not exist.
    """
    membership = Membership.objects.standing(user, group_id).first()
    if membership is None:
        raise NotFound(NO_SUCH_GROUP)
    return membership


def locked_group(group_id: UUID) -> Group:
    """A group, living or archived, with its row locked until the transaction ends. Raises `NotFound`.

    Whoever changes a group's members or counts takes this lock first, so that what is read under it holds.
    """
    group = Group.objects.select_for_update(no_key=True).filter(pk=group_id).first()
    if group is None:
        raise NotFound(NO_SUCH_GROUP)
    return group


def take_turns_joining(user_id: UUID) -> None:
    """Let no other transaction begin a membership of this person, or lock all their groups, until this one ends.

    Taken before any row: whoever then locks the person's groups has locked all of them.
    """
    take_turns(f"memberships of {user_id}")


def lock_groups_of(user_id: UUID) -> None:
    """Lock every group that somebody is or was in until the transaction ends; they come into no other meanwhile.

    Always in the same order: two people who share several groups never wait for each other.
    """
    take_turns_joining(user_id)
    theirs = Membership.objects.filter(user=user_id).values("group")
    list(Group.objects.select_for_update(no_key=True).filter(pk__in=theirs).order_by("pk").values_list("pk"))


def locked_membership_of(user: User, group_id: UUID) -> Membership:
    """The same as `membership_of`, with the group's row locked until the transaction ends. Raises `NotFound`."""
    locked_group(group_id)
    return membership_of(user, group_id)


def led_by(user: User, group_id: UUID) -> Membership:
    """The same as `locked_membership_of`, of an admin. Raises `NotFound` or `Forbidden`."""
    membership = locked_membership_of(user, group_id)
    if membership.role != Role.ADMIN:
        raise Forbidden
    return membership


def visit(user: User, group_id: UUID) -> Membership:
    """The same as `membership_of`, by somebody who looks into the group: that is noted. Raises `NotFound`."""
    membership = membership_of(user, group_id)
    note_activity(membership)
    return membership


def note_activity(membership: Membership) -> None:
    """Move the member's `last_active_at`, at most every `ACTIVITY_STEP`: a visit to the group, or a check-in."""
    now = timezone.now()
    if membership.last_active_at is None or now - membership.last_active_at >= settings.ACTIVITY_STEP:
        membership.last_active_at = now
        Membership.objects.filter(pk=membership.pk).update(last_active_at=now)
