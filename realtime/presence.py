"""Open sockets as rows of `user_sessions`, and who is online because of them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.sessions import USER_AGENT_LENGTH, Device
from groups.models import Membership, Status
from realtime.models import UserSession


def open_socket(user: User, socket_id: str, device: Device) -> UserSession:
    """A socket has authenticated."""
    return UserSession.objects.create(
        user=user, socket_id=socket_id, user_agent=device.user_agent[:USER_AGENT_LENGTH], ip_address=device.ip_address
    )


def touch_socket(socket: UserSession) -> None:
    """A socket has sent a heartbeat."""
    UserSession.objects.filter(pk=socket.pk).update(last_heartbeat=timezone.now())


def close_socket(socket: UserSession) -> None:
    """A socket is gone."""
    UserSession.objects.filter(pk=socket.pk).update(closed_at=timezone.now())


def online_members(group_id: UUID) -> list[UUID]:
    """The group's active members who have a socket open that was heard of lately."""
    heard_since = timezone.now() - timedelta(seconds=settings.SOCKET_SILENCE_SECONDS)
    online = UserSession.objects.filter(closed_at=None, last_heartbeat__gt=heard_since)
    members = Membership.objects.filter(group=group_id, status=Status.ACTIVE, user__in=online.values("user"))
    return list(members.order_by("user_id").values_list("user_id", flat=True))
