"""A group's past, and news of it that never arrives."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from checkins.models import CheckIn
from groups.models import Group
from realtime import log


def make_history(group: Group, author: User, length: int) -> None:
    """That many check-ins in the past, each an event."""
    for number in range(length):
        day = timezone.now().date() - timedelta(days=7 * (length - number))
        with transaction.atomic():
            CheckIn.objects.create(
                user=author,
                group=group,
                week_start_date=day,
                period_end=day,
                closes_at=timezone.now(),
                productive_score=number % 10 + 1,
                satisfied_score=5,
                body_score=5,
                care_score=5,
            )


def lose_the_news(group: Group, author: User) -> None:
    """An event in the log of which no message tells, as when Redis restarts between commit and publish."""
    check_in = CheckIn.objects.filter(user=author).earliest("week_start_date")
    with transaction.atomic():
        log.append(group.pk, "friend-checked-in", subject=author, checkInId=str(check_in.pk))
