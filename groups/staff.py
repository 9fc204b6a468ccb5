"""What staff can do to a group and its members though they are not in it: as its admins, and told the same way."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from groups.access import locked_group
from groups.members import ban, begin_stays, depart, end_group, hand_over, membership_in
from groups.models import Departure, Group, Membership, Status
from groups.services import save_with_new_code
from hucares.errors import DomainError


def living(group_id: UUID) -> Group:
    """A group that has not ended, with its row locked. Raises `NotFound` or `DomainError`."""
    group = locked_group(group_id)
    if not group.is_active:
        raise DomainError("The group has ended already.")
    return group


@transaction.atomic
def archive_group(*, group_id: UUID) -> None:
    """End a group: its members see it no more, and staff do. Raises `DomainError`."""
    end_group(living(group_id))


@transaction.atomic
def restore_group(*, group_id: UUID) -> None:
    """Let a group that has ended go on, with those who were its members then. Raises `DomainError`."""
    group = locked_group(group_id)
    if group.is_active:
        raise DomainError("The group has not ended.")
    if not group.member_count:
        raise DomainError("Nobody is in the group any more who could go on with it.")
    group.is_active = True
    group.restart_periods()
    group.version += 1
    group.save(update_fields=["is_active", "period_closes_at", "version", "updated_at"])
    begin_stays(group)
    hand_over(group)  # its admin may have gone meanwhile


@transaction.atomic
def renew_access_code(*, group_id: UUID) -> None:
    """Another access code; the one before it opens nothing any more. Raises `DomainError`."""
    save_with_new_code(living(group_id))


@transaction.atomic
def remove_member(*, membership: Membership) -> None:
    """Take somebody out, who may come back. Raises `DomainError` if they are in the group no more."""
    current = membership_in(living(membership.group_id), membership.user_id)
    if current.status != Status.ACTIVE:
        raise DomainError("They are not in the group any more.")
    depart(current, Departure.REMOVED)


@transaction.atomic
def ban_member(*, membership: Membership) -> None:
    """Keep somebody out from now on, whether or not they are in the group now. Raises `DomainError`."""
    current = membership_in(living(membership.group_id), membership.user_id)
    if current.status == Status.BANNED:
        raise DomainError("They are banned already.")
    ban(current)
