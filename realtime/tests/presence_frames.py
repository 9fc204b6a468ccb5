"""What tests of presence say again and again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from groups.models import Departure, Group, Membership, Status
from hucares.tests.served_process import until
from realtime import record
from realtime.models import UserSession

A_WHILE = timedelta(minutes=5)  # longer than every grace


def came(user: User, group: Group) -> dict[str, Any]:
    return {"event": "user-online", "data": {"userId": str(user.pk), "groupId": str(group.pk)}}


def went(user: User, group: Group) -> dict[str, Any]:
    return {"event": "user-offline", "data": {"userId": str(user.pk), "groupId": str(group.pk)}}


def make_gone(user: User) -> None:
    """All of their sockets have closed, and the grace is over."""
    rows = UserSession.objects.filter(user=user)
    until(lambda: not rows.filter(closed_at=None).exists())
    rows.update(closed_at=timezone.now() - A_WHILE)


def make_dead_socket(user: User) -> UserSession:
    """A socket of a process that died."""
    return UserSession.objects.create(user=user, socket_id="specific.dead!1", last_heartbeat=timezone.now() - A_WHILE)


def lose_the_removal(user: User, group: Group) -> None:
    """Somebody is removed, of which no message tells, as when Redis restarts between commit and publish."""
    membership = Membership.objects.select_related("user").get(user=user, group=group)
    with transaction.atomic():
        Membership.objects.filter(pk=membership.pk).update(status=Status.INACTIVE)
        record.member_left(membership, Departure.REMOVED)
