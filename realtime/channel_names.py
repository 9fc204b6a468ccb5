"""Names of channel groups; nobody formats one inline."""

from __future__ import annotations

from uuid import UUID


def group_channel(group_id: UUID) -> str:
    """Where a group's events are published."""
    return f"group.{group_id.hex}"


def user_channel(user_id: UUID) -> str:
    """Where what concerns one person is published: notifications, and the end of sessions."""
    return f"user.{user_id.hex}"
