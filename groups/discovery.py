"""Public groups, for everybody to find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import User
from groups.models import Group, Membership, Status


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who looks at a group without being in it, where a member would have a `Membership`."""

    group: Group
    role: ClassVar[None] = None
    may_invite: ClassVar[bool] = False


def public_groups(*, user: User, q: str = "") -> QuerySet[Group]:
    """Living public groups by name, without those that this person is banned from.

    `q` is part of a name or description, without regard to case.
    """
    bans = Membership.objects.filter(group=OuterRef("pk"), user=user, status=Status.BANNED)
    groups = Group.objects.filter(~Exists(bans), is_active=True, is_private=False)
    if q:
        groups = groups.filter(Q(name__icontains=q) | Q(description__icontains=q))
    return groups.order_by(Lower("name"), "pk")


def as_seen_by(user: User, groups: list[Group]) -> list[Membership | Stranger]:
    """Each group as this person's membership of it, or as a stranger sees it; in one query."""
    mine = Membership.objects.active().filter(user=user, group__in=groups).select_related("group")
    memberships = {membership.group_id: membership for membership in mine}
    return [memberships.get(group.pk) or Stranger(group) for group in groups]
