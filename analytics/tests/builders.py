"""Histories for tests."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.models import CheckIn
from checkins.tests.builders import ANSWERS, make_past_check_in
from groups.models import Group, MembershipSpan
from hucares.tests.answers import data_of

URL = "/api/v1/analytics"
NOW = "2026-03-25T12:00:00Z"  # a Wednesday
MONDAY = date(2026, 3, 23)  # of its week


def asked(client: APIClient, path: str, now: str = NOW, **query: Any) -> Any:
    """The data of an answer at an instant."""
    with time_machine.travel(now, tick=False):
        return data_of(client.get(f"{URL}/{path}", query))


def ask(user: User, path: str, now: str = NOW, **query: Any) -> Any:
    """The same, by somebody who signs in for it."""
    with time_machine.travel(now, tick=False):
        client = signed_in(user)
    return asked(client, path, now, **query)


def stayed(user: User, group: Group, first: str, last: str | None = None) -> None:
    """Make the person's only stay in the group one from noon to noon of these days."""
    MembershipSpan.objects.filter(membership__user=user, membership__group=group).update(
        joined_at=f"{first}T12:00:00Z", left_at=last and f"{last}T12:00:00Z"
    )


def make_week(user: User, group: Group, weeks_ago: int, **answers: Any) -> CheckIn:
    """A check-in made on the Tuesday so many weeks before `NOW`."""
    return make_past_check_in(user, group, f"{MONDAY - timedelta(weeks=weeks_ago, days=-1)}", **answers)


def make_weeks(user: User, group: Group, productive: list[int | None], **answers: Any) -> None:
    """A check-in a week with these answers, the last one in the week of `NOW`; None is a week without one."""
    for weeks_ago, value in enumerate(reversed(productive)):
        if value is not None:
            make_week(user, group, weeks_ago, **{**ANSWERS, "productive_score": value, **answers})
