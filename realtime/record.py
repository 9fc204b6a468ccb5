"""Writes what happened in a group into its log, and says how it is told. Part of the transaction that causes it."""

from __future__ import annotations

from checkins.models import CheckIn
from groups.models import Departure, Group, Membership
from hucares.serializers import camelize
from realtime.log import append
from realtime.telling import Told, tell, told


def check_in_saved(check_in: CheckIn) -> Told:
    """A new check-in. Its author must be loaded."""
    return told(
        append(check_in.group_id, "friend-checked-in", subject=check_in.user, checkInId=str(check_in.pk)), check_in
    )


def check_in_updated(check_in: CheckIn) -> Told:
    """A check-in that was changed. It is read again: the database has computed another score."""
    (event,) = tell([append(check_in.group_id, "check-in-updated", subject=check_in.user, checkInId=str(check_in.pk))])
    return event


def check_in_deleted(check_in: CheckIn) -> Told:
    """A check-in that is gone."""
    return told(append(check_in.group_id, "check-in-deleted", subject=check_in.user, checkInId=str(check_in.pk)))


def member_joined(membership: Membership) -> Told:
    """Somebody who came in. The person must be loaded."""
    return told(append(membership.group_id, "member-joined", subject=membership.user, role=membership.role))


def member_left(membership: Membership, reason: Departure) -> Told:
    """Somebody who is no member any more."""
    if reason == Departure.ERASED:
        user_id = str(membership.user_id)
        return told(append(membership.group_id, "member-erased", userId=user_id, reason=reason.value))
    return told(append(membership.group_id, "member-left", subject=membership.user, reason=reason.value))


def member_updated(membership: Membership) -> Told:
    """A member with another role or other permissions."""
    permissions = {camelize(name): allowed for name, allowed in membership.permissions.items()}
    member, role = membership.user, membership.role
    return told(append(membership.group_id, "member-updated", subject=member, role=role, permissions=permissions))


def settings_changed(group: Group, fields: list[str]) -> Told:
    """A group with other settings, by the names of its columns."""
    return told(append(group.pk, "settings-changed", fields=[camelize(name) for name in fields]))


def group_ended(group: Group) -> Told:
    """A group that has ended."""
    return told(append(group.pk, "group-deleted"))
