"""Whose a check-in is, asked the same way everywhere."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from checkins.models import CheckIn
from hucares.errors import NotFound


def own_check_in(user: User, check_in_id: UUID) -> CheckIn:
    """This person's check-in, with its author. Raises `NotFound`.

    It stays theirs when they leave its group or the group ends. Somebody else's answers like one that does not exist.
    """
    check_in: CheckIn | None = CheckIn.objects.with_author().filter(pk=check_in_id, user=user).first()
    if check_in is None:
        raise NotFound
    return check_in
