"""What somebody has neither read nor deleted in the app."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts.models import User
from notifications.models import Notification


def unread_of(user: User, ids: Iterable[str | None]) -> set[UUID]:
    """Those of a person's notifications with one of these ids that are still unread; None stands for none."""
    theirs = Notification.objects.for_user(user).unread()
    return set(theirs.filter(pk__in=[one for one in ids if one]).values_list("pk", flat=True))
