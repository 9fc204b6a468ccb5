"""Coming into a group, and what becomes of members. Every verb locks the group first, so that places and roles hold."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import User
from groups.access import led_by, locked_membership_of, membership_of, take_turns_joining
from groups.errors import AlreadyMember, Banned, GroupFull, InvalidAccessCode, SelfAction
from groups.limits import spend_join
from groups.models import Departure, Group, Membership, MembershipSpan, Role, Status, default_permissions
from groups.signals import group_ended, member_joined, member_left, member_updated
from hucares.errors import Forbidden, NotFound

NOT_IN_GROUP = "This person is not in the group."


def join_group(
    *, user: User, address: str | None = None, access_code: str | None = None, group_id: UUID | None = None
) -> Membership:
    """Come in by a code, or into a public group by its id; the membership returned holds the group.

    Raises `RateLimited`, `InvalidAccessCode` or `NotFound`, `Banned`, `AlreadyMember` and `GroupFull`.
    """
    spend_join(user.pk, address)
    with transaction.atomic():
        take_turns_joining(user.pk)
        group = locked_group_to_join(access_code, group_id)
        membership = Membership.objects.filter(user=user, group=group).first()
        if membership is not None and membership.status == Status.BANNED:
            raise Banned
        if membership is not None and membership.status == Status.ACTIVE:
            raise AlreadyMember
        return welcome(user, group, membership)


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


def welcome(user: User, group: Group, membership: Membership | None) -> Membership:
    """Admit somebody to a locked group if there is a place, and say so. Raises `GroupFull`."""
    if group.member_count >= group.max_members:
        raise GroupFull
    membership = admit(user, group, membership)
    member_joined.send(sender=Membership, membership=membership)
    return membership


def admit(user: User, group: Group, membership: Membership | None) -> Membership:
    """Make somebody a plain member of a locked group, reviving an earlier membership."""
    now = timezone.now()
    count_members(group, 1)
    if membership is None:
        membership = Membership(user=user)
    membership.user, membership.group = user, group
    membership.status = Status.ACTIVE
    membership.role = Role.MEMBER
    membership.permissions = default_permissions()
    membership.joined_at = now
    membership.save()
    MembershipSpan.objects.create(membership=membership, joined_at=now)
    return membership


def count_members(group: Group, change: int) -> None:
    """So many more members of a locked group; figures about it may show that."""
    group.member_count += change
    group.version += 1
    group.save(update_fields=["member_count", "version", "updated_at"])


@transaction.atomic
def leave_group(*, user: User, group_id: UUID) -> None:
    """Go; the history stays. Raises `NotFound`."""
    depart(locked_membership_of(user, group_id), Departure.LEFT)


@transaction.atomic
def remove_member(*, user: User, group_id: UUID, member_id: UUID) -> None:
    """Take a member out, who may come back. Raises `NotFound`, `Forbidden` or `SelfAction`."""
    mine = locked_membership_of(user, group_id)
    if not mine.may_remove_somebody:
        raise Forbidden
    theirs = membership_in(mine.group, member_id)
    if theirs == mine:
        raise SelfAction
    if theirs.status != Status.ACTIVE:
        raise NotFound(NOT_IN_GROUP)
    if not mine.may_remove(theirs):
        raise Forbidden
    depart(theirs, Departure.REMOVED)


@transaction.atomic
def change_member(
    *, user: User, group_id: UUID, member_id: UUID, status: str | None = None, **rights: Any
) -> Membership:
    """Give a member another `role` or other `permissions`, ban somebody, or lift a ban; for admins.

    Whoever left may be banned and nothing else, and is as before when the ban is lifted: nobody is brought back
    without wanting it. Anybody else whose ban is lifted is a plain member again. Raises `NotFound`, `Forbidden`,
    `SelfAction` or `GroupFull`.
    """
    mine = led_by(user, group_id)
    theirs = membership_in(mine.group, member_id)
    if theirs == mine and (status == Status.BANNED or rights.get("role", Role.ADMIN) != Role.ADMIN):
        raise SelfAction
    if status == Status.BANNED:
        ban(theirs)
        return theirs
    if status == Status.ACTIVE and theirs.status == Status.BANNED:
        lift_ban(theirs)
        if theirs.status == Status.INACTIVE and not rights:
            return theirs
    if theirs.status != Status.ACTIVE:
        raise NotFound(NOT_IN_GROUP)
    set_rights(theirs, **rights)
    return theirs


def ban(membership: Membership) -> None:
    """Keep somebody out of a locked group from now on."""
    if membership.status == Status.ACTIVE:
        depart(membership, Departure.BANNED)
    elif membership.status == Status.INACTIVE:
        membership.status, membership.banned_while_away = Status.BANNED, True
        membership.save(update_fields=["status", "banned_while_away"])


def lift_ban(membership: Membership) -> None:
    """Let somebody back into a locked group, or stay away who was gone before the ban. Raises `GroupFull`."""
    if membership.banned_while_away:
        membership.status, membership.banned_while_away = Status.INACTIVE, False
        membership.save(update_fields=["status", "banned_while_away"])
    else:
        welcome(membership.user, membership.group, membership)


def set_rights(membership: Membership, *, role: str | None = None, permissions: dict[str, bool] | None = None) -> None:
    """Give a member of a locked group what is given here, and say so if that changes anything."""
    wanted = (role or membership.role, {**membership.permissions, **(permissions or {})})
    if wanted != (membership.role, membership.permissions):
        membership.role, membership.permissions = wanted
        membership.save(update_fields=["role", "permissions"])
        member_updated.send(sender=Membership, membership=membership)


def set_notifications(*, user: User, group_id: UUID, notification_enabled: bool) -> Membership:
    """Hear of this group, or do not. Raises `NotFound`."""
    membership = membership_of(user, group_id)
    membership.notification_enabled = notification_enabled
    membership.save(update_fields=["notification_enabled"])
    return membership


def membership_in(group: Group, member_id: UUID) -> Membership:
    """Somebody's membership of this group, whatever its status. Raises `NotFound`."""
    membership = group.memberships.select_related("user").filter(user=member_id).first()
    if membership is None:
        raise NotFound(NOT_IN_GROUP)
    membership.group = group
    return membership


def depart(membership: Membership, reason: Departure) -> None:
    """End a member's presence in a locked group, and see to it that a living one can go on without them."""
    membership.status = Status.BANNED if reason == Departure.BANNED else Status.INACTIVE
    membership.save(update_fields=["status"])
    end_stays(membership.spans.all())
    count_members(membership.group, -1)
    if membership.group.is_active:
        member_left.send(sender=Membership, membership=membership, reason=reason)
        hand_over(membership.group)


def end_stays(spans: QuerySet[MembershipSpan]) -> None:
    """End those that go on; nobody is present any more."""
    # Not before the beginning, even if this server's clock is behind that of the one where they joined.
    spans.filter(left_at=None).update(left_at=Greatest(F("joined_at"), Value(timezone.now())))


def begin_stays(group: Group) -> None:
    """Have everybody who is in the group present from now on, if they are not."""
    members = group.memberships.filter(status=Status.ACTIVE)
    away = members.exclude(Exists(MembershipSpan.objects.filter(membership=OuterRef("pk"), left_at=None)))
    now = timezone.now()
    MembershipSpan.objects.bulk_create(MembershipSpan(membership=one, joined_at=now) for one in away)


def hand_over(group: Group) -> None:
    """Make somebody admin of a locked group that has none; without members it ends."""
    members = group.memberships.filter(status=Status.ACTIVE)
    if members.filter(role=Role.ADMIN).exists():
        return
    heir = members.select_related("user").order_by(*SUCCESSION).first()
    if heir is None:
        end_group(group)
    else:
        heir.group = group
        set_rights(heir, role=Role.ADMIN)


# Those who can sign in before those who cannot; moderators before plain members; then whoever came first.
SUCCESSION = ("-user__is_active", Case(When(role=Role.MODERATOR, then=Value(0)), default=Value(1)), "joined_at", "pk")


def end_group(group: Group) -> None:
    """Archive a locked group: hidden from everybody, kept for staff. Nobody can check in, so nobody is present."""
    group.is_active = False
    group.version += 1
    group.save(update_fields=["is_active", "version", "updated_at"])
    end_stays(MembershipSpan.objects.filter(membership__group=group))
    group_ended.send(sender=Group, group=group)
