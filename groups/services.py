"""What people do with groups. Every verb locks the group first, so that counts and places hold under concurrency."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from groups.errors import AlreadyMember, Banned, GroupFull, InvalidAccessCode
from groups.models import Group, Membership, MembershipSpan, Role, Status, default_permissions
from hucares.errors import NotFound


@transaction.atomic
def create_group(*, user: User, name: str, **settings: Any) -> Membership:
    """A new group with this person as its admin; the membership returned holds the group."""
    group = Group(name=name, created_by=user, member_count=1, **settings)
    group.schedule_close()
    group.save()
    membership = Membership.objects.create(user=user, group=group, role=Role.ADMIN)
    MembershipSpan.objects.create(membership=membership, joined_at=membership.joined_at)
    return membership


@transaction.atomic
def join_group(*, user: User, access_code: str | None = None, group_id: UUID | None = None) -> Membership:
    """Come in by a code, or into a public group by its id; the membership returned holds the group.

    Raises `InvalidAccessCode` or `NotFound`, `Banned`, `AlreadyMember` and `GroupFull`.
    """
    group = locked_group_to_join(access_code, group_id)
    membership = Membership.objects.filter(user=user, group=group).first()
    if membership is not None and membership.status == Status.BANNED:
        raise Banned
    if membership is not None and membership.status == Status.ACTIVE:
        raise AlreadyMember
    if group.member_count >= group.max_members:
        raise GroupFull
    return admit(user, group, membership)


def locked_group_to_join(access_code: str | None, group_id: UUID | None) -> Group:
    """The living group that a code or an id lets one into, locked until the transaction ends."""
    groups = Group.objects.select_for_update(no_key=True).filter(is_active=True)
    if access_code is not None:
        group = groups.filter(access_code=access_code.upper()).first()
        if group is None:
            raise InvalidAccessCode
        return group
    assert group_id is not None, "either a code or an id"
    group = groups.filter(pk=group_id, is_private=False).first()
    if group is None:
        raise NotFound
    return group


def admit(user: User, group: Group, membership: Membership | None) -> Membership:
    """Make somebody a plain member of a locked group, reviving an earlier membership."""
    now = timezone.now()
    group.member_count += 1
    group.version += 1
    group.save(update_fields=["member_count", "version", "updated_at"])
    if membership is None:
        membership = Membership(user=user, group=group)
    membership.group = group
    membership.status = Status.ACTIVE
    membership.role = Role.MEMBER
    membership.permissions = default_permissions()
    membership.joined_at = now
    membership.save()
    MembershipSpan.objects.create(membership=membership, joined_at=now)
    return membership


def count_change_for(user_id: UUID) -> None:
    """Something about this person changes that figures of their groups could show; locks the groups until it has."""
    Group.objects.filter(memberships__user=user_id).update(version=F("version") + 1)
