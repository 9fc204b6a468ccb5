"""Groups for tests."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.tests.builders import make_user
from groups.members import admit
from groups.models import Group, Membership
from groups.services import create_group


def make_group(admin: User, *members: User, **settings: Any) -> Group:
    """A group of these people; the first is its admin. Its log is empty: nobody was told that they came."""
    settings.setdefault("name", "The Porch")
    group = create_group(user=admin, **settings).group
    for member in members:
        admit(member, group, None)
    group.refresh_from_db()
    return group


def make_member(username: str, group: Group, **fields: Any) -> User:
    """Somebody new in this group, with these fields of their membership. The log tells nothing of it."""
    user = make_user(username)
    group.refresh_from_db()
    admit(user, group, None)
    Membership.objects.filter(user=user, group=group).update(**fields)
    group.refresh_from_db()
    return user
