"""Check-ins for tests."""

from __future__ import annotations

from typing import Any

import time_machine
from django.apps import apps

from accounts.models import User
from checkins.models import CheckIn
from checkins.services import submit_check_in
from groups.models import Group, Status

ANSWERS = {"productive_score": 8, "satisfied_score": 7, "body_score": 6, "care_score": 9}  # score 12


def make_check_in(user: User, group: Group, **answers: Any) -> CheckIn:
    """A check-in for the open period."""
    return submit_check_in(user=user, group_id=group.pk, **{**ANSWERS, **answers})


def make_past_check_in(user: User, group: Group, day: str, **answers: Any) -> CheckIn:
    """A check-in made at noon, UTC, of that day."""
    with time_machine.travel(f"{day}T12:00:00Z", tick=False):
        return make_check_in(user, group, **answers)


def recount(group: Group) -> tuple[int, int]:
    """What `member_count` and `total_check_ins` of a group have to be, asked of its rows one by one."""
    present = [membership for membership in group.memberships.all() if membership.status == Status.ACTIVE]
    return len(present), len(group.check_ins.all())


def events_of(group: Group) -> list[str]:
    """What the group's log says, in order; its numbers have no gap."""
    rows = list(apps.get_model("realtime", "GroupEvent").objects.filter(group=group).order_by("seq"))
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    return [row.event for row in rows]
