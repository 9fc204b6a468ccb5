"""Check-ins for tests."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from checkins.models import CheckIn
from checkins.services import submit_check_in
from groups.models import Group

ANSWERS = {"productive_score": 8, "satisfied_score": 7, "body_score": 6, "care_score": 9}  # score 12


def make_check_in(user: User, group: Group, **answers: Any) -> CheckIn:
    """A check-in for the open period."""
    return submit_check_in(user=user, group_id=group.pk, **{**ANSWERS, **answers})
