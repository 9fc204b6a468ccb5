"""What verbs of groups leave behind, in this room and in those above it."""

from __future__ import annotations

from typing import Any

from accounts.models import OutgoingMail, User
from groups.models import Group, Membership, MembershipSpan, Role, Status
from notifications.models import Notification
from realtime.models import GroupEvent, GroupLog

TRACES = (Group, Membership, MembershipSpan, GroupLog, GroupEvent, Notification, OutgoingMail)


def traces() -> dict[str, list[dict[str, Any]]]:
    """Every row that a verb of groups could write: the same before and after a refusal."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in TRACES}


def events_of(group: Group) -> list[tuple[str, str | None, dict[str, Any]]]:
    """(event, whom it tells of, data) of each event in a group's log, which has no gap."""
    events = list(GroupEvent.objects.filter(group=group).select_related("subject").order_by("seq"))
    head = GroupLog.objects.filter(group=group).values_list("head", flat=True).first() or 0
    assert [event.seq for event in events] == list(range(1, head + 1))
    return [(event.event, event.subject and event.subject.username, event.data) for event in events]


def roles_in(group: Group) -> dict[str, str]:
    """The role of each active member; on the way, that the group is as a group must be.

    Its count is what a recount gives, whoever is in it is present and nobody else, and while it lives somebody leads.
    """
    group = Group.objects.get(pk=group.pk)
    active = group.memberships.filter(status=Status.ACTIVE)
    present = set(MembershipSpan.objects.filter(membership__group=group, left_at=None).values_list("membership_id"))
    assert group.member_count == active.count()
    assert present == set(active.values_list("pk"))
    roles = dict(active.values_list("user__username", "role"))
    assert group.is_active == (Role.ADMIN in roles.values()) == bool(roles)
    return roles


def status_of(user: User, group: Group) -> str:
    """How somebody stands in a group now."""
    return Membership.objects.get(user=user, group=group).status
