"""Mails about check-ins: what a group's members check in with within a quarter of an hour comes as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.mail import Choice, Letter, letter_for, new_mail
from accounts.models import OutgoingMail
from checkins.models import CheckIn
from hucares.database import insert_rows
from notifications.kinds import FRIEND_CHECK_IN
from notifications.listeners import Listener, hears_of
from notifications.models import Notification
from notifications.unread import unread_of

MAIL = "friend-check-ins"
PAUSE = timedelta(minutes=15)  # from the first check-in until the mail goes, with all that have come by then


def queue_digests(check_in: CheckIn, friends: Sequence[Listener], rows: Iterable[Notification]) -> None:
    """Put a check-in into the mail that waits for each of these friends, or have one wait. The group must be locked.

    `rows` are the notifications of those who hear of it in the app too: what is read there is not mailed.
    """
    if not friends:
        return
    told = {row.user_id: str(row.pk) for row in rows}
    group_id = str(check_in.group_id)
    waiting = {mail.user_id: mail for mail in waiting_digests(group_id, [friend.user_id for friend in friends])}
    due_at = timezone.now() + PAUSE
    new = []
    for friend in friends:
        item = {"checkInId": str(check_in.pk), "notificationId": told.get(friend.user_id)}
        if friend.user_id in waiting:
            waiting[friend.user_id].data["items"].append(item)
        else:
            data = {"groupId": group_id, "items": [item]}
            new.append(new_mail(kind=MAIL, email=friend.email, user_id=friend.user_id, data=data, due_at=due_at))
    OutgoingMail.objects.bulk_update(waiting.values(), ["data"])
    insert_rows(new)


def waiting_digests(group_id: str, user_ids: list[UUID]) -> list[OutgoingMail]:
    """The mails about a group that no worker has taken up, and none will until the transaction ends."""
    untouched = OutgoingMail.objects.filter(kind=MAIL, attempts=0, due_at__isnull=False)
    return list(untouched.filter(user__in=user_ids, data__groupId=group_id).select_for_update(no_key=True))


@letter_for(MAIL)
def friend_check_ins(mail: OutgoingMail) -> Letter | None:
    """Which friends have checked in. None if all of it is read, deleted, or of no interest any more."""
    membership = hears_of(mail.user, UUID(mail.data["groupId"]), FRIEND_CHECK_IN, "email")
    if membership is None:
        return None
    items = mail.data["items"]
    unread = unread_of(membership.user, [item["notificationId"] for item in items])
    fresh = [item for item in items if item["notificationId"] is None or UUID(item["notificationId"]) in unread]
    names = authors_of([item["checkInId"] for item in fresh])
    if not names:
        return None
    return Letter(
        to=membership.user.email,
        template="notifications/mail/friend-check-ins",
        link=FRIEND_CHECK_IN.link(mail.data),
        button="Have a look",
        context={
            "username": membership.user.username,
            "names": " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])),
            "count": len(names),
            "group": membership.group.name,
        },
        told=tuple(UUID(item["notificationId"]) for item in fresh if item["notificationId"]),
        choice=Choice(FRIEND_CHECK_IN.preference, membership.user),
    )


def authors_of(check_in_ids: list[str]) -> list[str]:
    """The names of those who made these check-ins, as far as they are still there: each once, in this order."""
    authors = dict(CheckIn.objects.filter(pk__in=check_in_ids).values_list("pk", "user__username"))
    return list(dict.fromkeys(authors[key] for key in map(UUID, check_in_ids) if key in authors))
