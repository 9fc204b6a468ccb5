"""What people do with groups. Every verb that changes one locks it first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from groups.access import led_by, lock_groups_of, take_turns_joining
from groups.access_codes import new_access_code
from groups.errors import MaxMembersBelowCount
from groups.members import end_group
from groups.models import Group, Membership, MembershipSpan, Role
from groups.signals import settings_changed
from hucares.database import violates

CODE_ATTEMPTS = 5
OF_PERIODS = {"check_in_frequency", "timezone"}


@transaction.atomic
def create_group(*, user: User, name: str, **settings: Any) -> Membership:
    """A new group with this person as its admin; the membership returned holds the group."""
    take_turns_joining(user.pk)
    group = Group(name=name, created_by=user, member_count=1, **settings)
    group.schedule_close()
    save_with_new_code(group)
    membership = Membership.objects.create(user=user, group=group, role=Role.ADMIN)
    MembershipSpan.objects.create(membership=membership, joined_at=membership.joined_at)
    return membership


def save_with_new_code(group: Group) -> None:
    """Save a group under a code that no other has: 37 random bits meet again once in a long while."""
    for attempt in range(1, CODE_ATTEMPTS + 1):
        group.access_code = new_access_code()
        try:
            with transaction.atomic():
                group.save()
            return
        except IntegrityError as error:
            if attempt == CODE_ATTEMPTS or not violates(error, Group, "groups_access_code_unique"):
                raise


@transaction.atomic
def update_group(*, user: User, group_id: UUID, **changes: Any) -> Membership:
    """Change what is given, for admins; a change of frequency or zone holds from now on, for periods to come.

    Raises `NotFound`, `Forbidden` or `MaxMembersBelowCount`.
    """
    membership = led_by(user, group_id)
    group = membership.group
    changed = [name for name, value in changes.items() if getattr(group, name) != value]
    if not changed:
        return membership
    for name in changed:
        setattr(group, name, changes[name])
    if "max_members" in changed and group.max_members < group.member_count:
        raise MaxMembersBelowCount
    if OF_PERIODS.intersection(changed):
        group.restart_periods()
    group.version += 1
    group.save()
    settings_changed.send(sender=Group, group=group, fields=changed)
    return membership


@transaction.atomic
def archive_group(*, user: User, group_id: UUID) -> None:
    """End a group, for admins. Raises `NotFound` or `Forbidden`."""
    end_group(led_by(user, group_id).group)


@transaction.atomic
def renew_access_code(*, user: User, group_id: UUID) -> str:
    """Another access code, for admins; the one before it opens nothing any more. Raises `NotFound` or `Forbidden`."""
    group = led_by(user, group_id).group
    save_with_new_code(group)
    return group.access_code


def count_change_for(user_id: UUID) -> None:
    """Something about this person changes that figures of their groups could show; locks the groups until it has."""
    lock_groups_of(user_id)
    Group.objects.filter(memberships__user=user_id).update(version=F("version") + 1)
