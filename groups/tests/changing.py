"""Changing members of a group, for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.models import Group

NOTHING = {"canInvite": False, "canKick": False}


def member_url(group: Group, member_id: UUID | str) -> str:
    """Where a member is."""
    return f"/api/v1/groups/{group.pk}/members/{member_id}"


def change(user: User, group: Group, member: User, **changes: Any) -> Any:
    """The answer to this person's changing a member."""
    return signed_in(user).put(member_url(group, member.pk), changes)


def bob_updated(role: str, **permissions: bool) -> tuple[str, str, dict[str, Any]]:
    """The event of Bob's having this role and these permissions."""
    return ("member-updated", "bob", {"role": role, "permissions": {**NOTHING, **permissions}})
