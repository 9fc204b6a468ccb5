"""Frames about a group, as the realtime contract writes them."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.models import Group
from hucares.tests.answers import data_of

NOTHING = {"canInvite": False, "canKick": False}


def url(group: Group, *path: object) -> str:
    """The group's address, and what is below it."""
    return "/".join(map(str, ["/api/v1/groups", group.pk, *path]))


def updated(group: Group, seq: int, kind: str, **data: Any) -> dict[str, Any]:
    """The frame of an event about a group."""
    inner = {"groupId": str(group.pk), "type": kind, "data": data}
    return {"event": "group-updated", "data": inner, "seq": seq}


def left(group: Group, seq: int, user: User, reason: str) -> dict[str, Any]:
    """The frame of somebody who is no member any more."""
    return updated(group, seq, "member-left", userId=str(user.pk), reason=reason)


def joined(group: Group, seq: int, user: User) -> dict[str, Any]:
    """The frame of somebody who came in."""
    return updated(group, seq, "member-joined", userId=str(user.pk), username=user.username, role="member")


def promoted(group: Group, seq: int, user: User, role: str, **permissions: bool) -> dict[str, Any]:
    """The frame of somebody who has other rights."""
    rights = {**NOTHING, **permissions}
    return updated(group, seq, "member-updated", userId=str(user.pk), role=role, permissions=rights)


def frames_in(group: Group, user: User) -> list[dict[str, Any]]:
    """The log over HTTP, written as frames."""
    events = data_of(signed_in(user).get(url(group, "events")))["events"]
    return [{"event": event["event"], "data": event["data"], "seq": event["seq"]} for event in events]
