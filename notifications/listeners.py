"""Who of a group is to hear of something, and by which ways."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from accounts.models import User
from accounts.preferences import wants
from groups.models import Group, Membership, Status
from notifications.kinds import Kind


class Listener(NamedTuple):
    """A member who has not muted the group."""

    user_id: UUID
    email: str
    preferences: dict[str, Any]

    def wants(self, kind: Kind, channel: str) -> bool:
        """Whether they want this kind by a channel: `inApp`, `email` or `push`."""
        return wants(self.preferences, kind.preference, channel)


def listeners(group: Group) -> list[Listener]:
    """The members who hear of a group: present, not muted, and able to sign in. In one statement."""
    members = group.memberships.filter(status=Status.ACTIVE, notification_enabled=True, user__is_active=True)
    return [Listener(*row) for row in members.values_list("user_id", "user__email", "user__notification_preferences")]


def hears_of(user: User | None, group_id: UUID, kind: Kind, channel: str) -> Membership | None:
    """The membership of somebody who is still to hear of this group by this channel; None if they are not."""
    if user is None or not user.is_active or not wants(user.notification_preferences, kind.preference, channel):
        return None
    membership: Membership | None = Membership.objects.standing(user, group_id).first()
    return membership if membership is not None and membership.notification_enabled else None
