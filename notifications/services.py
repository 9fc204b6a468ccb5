"""Writing notifications, and reading them away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.mail import Letter, objection_to
from accounts.models import OutgoingMail, User
from accounts.preferences import wants
from checkins.models import CheckIn
from groups.invitations import MAIL as INVITATION_MAIL
from groups.models import Membership
from hucares.database import insert_rows
from hucares.errors import NotFound
from notifications.digests import queue_digests
from notifications.kinds import FRIEND_CHECK_IN, GROUP_INVITATION, Kind
from notifications.listeners import listeners
from notifications.models import Notification
from notifications.pushing import queue_pushes
from notifications.signals import notifications_created, notifications_read


def notify_friends(check_in: CheckIn) -> list[Notification]:
    """Tell the other members of the group that somebody checked in; never with a score."""
    data = {
        "groupId": str(check_in.group_id),
        "groupName": check_in.group.name,
        "userId": str(check_in.user_id),
        "username": check_in.user.username,
        "checkInId": str(check_in.pk),
    }
    friends = [one for one in listeners(check_in.group) if one.user_id != check_in.user_id]
    in_app = [one.user_id for one in friends if one.wants(FRIEND_CHECK_IN, "inApp")]
    rows = notify(FRIEND_CHECK_IN, in_app, data, subject_id=check_in.user_id)
    queue_digests(check_in, [one for one in friends if one.wants(FRIEND_CHECK_IN, "email")], rows)
    return rows


def notify_invited(membership: Membership, user: User) -> list[Notification]:
    """Tell somebody that a member asks them in, if they want to hear of that in the app."""
    if not wants(user.notification_preferences, GROUP_INVITATION.preference, "inApp"):
        return []
    group, asker = membership.group, membership.user
    data = {
        "groupId": str(group.pk),
        "groupName": group.name,
        "accessCode": group.access_code,
        "invitedBy": asker.username,
    }
    return notify(GROUP_INVITATION, [user.pk], data, subject_id=asker.pk)


@transaction.atomic
def notify(
    kind: Kind, user_ids: Iterable[UUID], data: dict[str, Any], subject_id: UUID | None = None
) -> list[Notification]:
    """Write one row for each person, in one statement, and say so to the room above.

    `subject_id` is whom it tells of, if anybody.
    """
    title, message = kind.text(data)
    now = timezone.now()
    common = {"type": kind.name, "title": title[:255], "message": message, "data": data, "subject_id": subject_id}
    times = {"created_at": now, "expires_at": kind.expiry(data, now)}
    rows = [Notification(user_id=user_id, **common, **times) for user_id in user_ids]
    if rows:
        insert_rows(rows)
        queue_pushes(rows)
        notifications_created.send(sender=Notification, notifications=rows)
    return rows


@transaction.atomic
def mark_read(notification: Notification) -> Notification:
    """Read one; reading it again changes nothing. Raises `NotFound` if it has just been deleted."""
    now = timezone.now()
    if Notification.objects.filter(pk=notification.pk, is_read=False).update(is_read=True, read_at=now):
        notification.is_read, notification.read_at = True, now
        notifications_read.send(sender=Notification, user_id=notification.user_id, ids=[notification.pk])
        return notification
    current = Notification.objects.filter(pk=notification.pk).first()
    if current is None:
        raise NotFound
    return current


@transaction.atomic
def mark_all_read(user: User) -> int:
    """Read all; how many were unread."""
    updated = Notification.objects.for_user(user).unread().update(is_read=True, read_at=timezone.now())
    if updated:
        notifications_read.send(sender=Notification, user_id=user.pk, ids=None)
    return int(updated)


def mark_mailed(mail: OutgoingMail, letter: Letter) -> None:
    """Note that the notifications which a mail told of have left the app."""
    rows = Notification.objects.filter(user=mail.user_id, is_sent=False)
    if mail.kind == INVITATION_MAIL:
        rows.filter(type=GROUP_INVITATION.name, data__groupId=mail.data["groupId"]).update(is_sent=True)
    elif letter.told:
        rows.filter(pk__in=letter.told).update(is_sent=True)


@objection_to(INVITATION_MAIL)
def is_read_in_app(mail: OutgoingMail) -> bool:
    """Whether whoever was asked into a group was told so in the app, and has read that, or deleted it there."""
    if (
        mail.user is None
        or not mail.data.get("toldInApp")
        or not wants(mail.user.notification_preferences, GROUP_INVITATION.preference, "inApp")
    ):
        return False
    unread = Notification.objects.for_user(mail.user).unread()
    return not unread.filter(type=GROUP_INVITATION.name, data__groupId=mail.data["groupId"]).exists()
