"""Groups for tests."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from groups.models import Group
from groups.services import create_group, join_group


def make_group(admin: User, *members: User, **settings: Any) -> Group:
    """A group of these people; the first is its admin."""
    settings.setdefault("name", "The Porch")
    group = create_group(user=admin, **settings).group
    for member in members:
        join_group(user=member, access_code=group.access_code)
    group.refresh_from_db()
    return group
