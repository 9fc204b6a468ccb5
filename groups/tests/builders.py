"""Groups for tests."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from groups.members import admit
from groups.models import Group
from groups.services import create_group


def make_group(admin: User, *members: User, **settings: Any) -> Group:
    """A group of these people; the first is its admin. Its log is empty: nobody was told that they came."""
    settings.setdefault("name", "The Porch")
    group = create_group(user=admin, **settings).group
    for member in members:
        admit(member, group, None)
    group.refresh_from_db()
    return group
