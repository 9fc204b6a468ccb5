"""Pushes follow the notifications: a row for each browser, which the worker sends and then removes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.quiet_hours import quiet_until
from hucares.database import insert_rows, kept_until_commit
from hucares.encoding import encode
from hucares.leases import first_due, held, put_back, take_up
from hucares.request_id import because_of
from notifications.forgetting import forget
from notifications.kinds import KINDS
from notifications.models import Notification, OutgoingPush, PushSubscription
from notifications.push_encryption import authorization, encrypted
from notifications.push_service import origin_of, post
from notifications.relevance import is_relevant

PAUSES = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)]
LEASE = timedelta(minutes=2)  # after which a push counts as not sent if its worker has said nothing
LONGEST = timedelta(days=1)  # that a push service keeps a push for a browser that is away

logger = logging.getLogger(__name__)


def queue_pushes(rows: Sequence[Notification]) -> None:
    """Have new notifications pushed to every browser of their people; in two statements, however many there are."""
    if not settings.VAPID_PRIVATE_KEY:
        return
    mine = {row.user_id: row for row in rows}
    browsers = kept_until_commit(PushSubscription.objects.filter(user__in=mine).values_list("pk", "user_id"))
    insert_rows([OutgoingPush(notification=mine[user_id], subscription_id=pk) for pk, user_id in browsers])


def send_next_push() -> bool:
    """Take up the push that has been due longest. False if none is due, or pushes are not set up."""
    now = timezone.now()
    push = first_due(OutgoingPush.objects.all(), now) if settings.VAPID_PRIVATE_KEY else None
    if push is None:
        return False
    ours = take_up(push, OutgoingPush.objects.select_related("notification__user", "subscription"), now, LEASE)
    if ours is not None:
        with because_of(ours.request_id):
            attempt(ours)
    return True


def attempt(push: OutgoingPush) -> None:
    """Send a push that was taken up if there is still a reason to, and see to what becomes of it."""
    user = push.notification.user
    if not takes_pushes_of(push.subscription, user) or not is_relevant(push.notification, "push"):
        held(push).delete()
        return
    until = quiet_until(timezone.now(), user.notification_preferences, user.timezone)
    if until is not None:
        put_back(push, until)
        return
    try:
        status = post(push.subscription.endpoint, *message_of(push))
    except Exception as error:
        # Only the name: the text may hold the endpoint, and whoever knows that can send there.
        logger.warning("The %s was not sent (%s).", push, type(error).__name__)
        try_later(push)
    else:
        take_answer(push, status)


def takes_pushes_of(browser: PushSubscription, user: User) -> bool:
    """Whether a browser is still this person's, and has not said that it would take none any more by now."""
    return browser.user_id == user.pk and (browser.expires_at is None or browser.expires_at > timezone.now())


def take_answer(push: OutgoingPush, status: int) -> None:
    """What a push service's answer means."""
    if 200 <= status < 300:
        logger.info("The %s was sent.", push)
        OutgoingPush.objects.filter(pk=push.pk).delete()
        Notification.objects.filter(pk=push.notification_id).update(is_sent=True)
    elif status in {404, 410}:  # the browser has gone, or wants none any more
        forget(PushSubscription.objects.filter(pk=push.subscription_id))
    elif status == 429 or status >= 500:
        logger.warning("The %s was not sent (status %s).", push, status)
        try_later(push, alone=status == 429)  # that says that this browser gets too many
    else:
        logger.warning("The %s was refused (status %s) and is not tried again.", push, status)
        OutgoingPush.objects.filter(pk=push.pk).delete()


def try_later(push: OutgoingPush, *, alone: bool = False) -> None:
    """Put a push off, and unless it is `alone` what else is due at the same service; the fifth failure was the last."""
    if push.attempts > len(PAUSES):
        held(push).delete()
        return
    now = timezone.now()
    held(push).update(due_at=now + PAUSES[push.attempts - 1])
    if alone:
        return
    there = OutgoingPush.objects.filter(subscription__endpoint__istartswith=f"{origin_of(push.subscription.endpoint)}/")
    there.filter(due_at__lte=now).update(due_at=now + PAUSES[0])


def message_of(push: OutgoingPush) -> tuple[bytes, dict[str, str]]:
    """(body, headers) of a push; what it says can be read by the browser alone."""
    row, browser = push.notification, push.subscription
    payload = {
        "id": row.pk,
        "type": row.type,
        "title": row.title,
        "message": row.message,
        "link": KINDS[row.type].link(row.data),
    }
    left = min(LONGEST, (row.expires_at or timezone.now() + LONGEST) - timezone.now())
    headers = {
        "Authorization": authorization(origin_of(browser.endpoint)),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(left.total_seconds())),
        "Urgency": "normal",
    }
    return encrypted(encode(payload), p256dh=browser.p256dh, auth=browser.auth), headers
