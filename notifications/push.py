"""Browsers that want to be told: a push subscription is one row for one browser."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from hucares.errors import NotFound
from notifications.forgetting import forget
from notifications.models import PushSubscription

SUBSCRIPTIONS_PER_PERSON = 20


@transaction.atomic
def subscribe(
    *, user: User, endpoint: str, p256dh: str, auth: str, user_agent: str = "", expires_at: datetime | None = None
) -> PushSubscription:
    """Keep a browser's subscription; one with the same endpoint becomes this, whosever it was.

    Somebody who has more than `SUBSCRIPTIONS_PER_PERSON` loses those that were sent longest ago.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # so that the count holds
    row = PushSubscription(
        user=user, endpoint=endpoint, p256dh=p256dh, auth=auth, user_agent=user_agent, expires_at=expires_at
    )
    PushSubscription.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["endpoint"],
        update_fields=["user", "p256dh", "auth", "user_agent", "created_at", "expires_at"],
    )
    kept = PushSubscription.objects.get(endpoint=endpoint)  # its id is that of whoever came first
    forget_surplus(kept)
    return kept


def forget_surplus(newest: PushSubscription) -> None:
    """Remove what this person has too many of, inside a transaction that holds the person's row.

    A row that somebody else has locked is on its way to another person or out, and is not waited for.
    """
    others = PushSubscription.objects.for_user(newest.user).exclude(pk=newest.pk).order_by("-created_at", "-pk")
    surplus = others.select_for_update(skip_locked=True)[SUBSCRIPTIONS_PER_PERSON - 1 :]
    PushSubscription.objects.filter(pk__in=[row.pk for row in surplus]).delete()


def unsubscribe(*, user: User, subscription_id: UUID) -> None:
    """Forget a subscription of this person's. Raises `NotFound`, also if it has just become another person's."""
    if not forget(PushSubscription.objects.for_user(user).filter(pk=subscription_id)):
        raise NotFound
