"""Asking somebody into a group, for tests."""

from __future__ import annotations

from typing import Any

from accounts.models import OutgoingMail, User
from accounts.tests.builders import signed_in
from groups.models import Group


def invite_url(group: Group) -> str:
    """Where one asks somebody in."""
    return f"/api/v1/groups/{group.pk}/invite"


def invite(user: User, group: Group, **whom: Any) -> Any:
    """The answer to this person's asking somebody in."""
    return signed_in(user).post(invite_url(group), whom)


def mailed() -> list[str]:
    """The addresses of the mails that wait or were sent, in order."""
    return list(OutgoingMail.objects.order_by("pk").values_list("email", flat=True))
