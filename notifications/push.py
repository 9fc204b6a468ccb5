"""Browsers that want to be told: a push subscription is one row for one browser."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.errors import SessionRevoked
from accounts.models import Session, User
from hucares.errors import NotFound
from notifications.forgetting import forget
from notifications.models import PushSubscription

SUBSCRIPTIONS_PER_PERSON = 20


@transaction.atomic
def subscribe(
    *, session: Session, endpoint: str, p256dh: str, auth: str, user_agent: str = "", expires_at: datetime | None = None
) -> PushSubscription:
    """Keep a browser's subscription until its session is ended. One with the same endpoint becomes this, whosever.

    Raises `SessionRevoked` if the session has ended in the meantime.
    Somebody who has more than `SUBSCRIPTIONS_PER_PERSON` loses those that were sent longest ago.
    """
    User.objects.select_for_update(no_key=True).filter(pk=session.user_id).first()  # so that the count holds
    require_lasting(session)
    row = PushSubscription(
        user=session.user,
        session=session,
        endpoint=endpoint,
        p256dh=p256dh,
        auth=auth,
        user_agent=user_agent,
        expires_at=expires_at,
    )
    PushSubscription.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["endpoint"],
        update_fields=["user", "session", "p256dh", "auth", "user_agent", "created_at", "expires_at"],
    )
    kept = PushSubscription.objects.get(endpoint=endpoint)  # its id is that of whoever came first
    forget_surplus(kept)
    return kept


def require_lasting(session: Session) -> None:
    """Raises `SessionRevoked` unless the session is live, and nobody can end it before the transaction does."""
    locked = Session.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    current = locked.filter(pk=session.pk).first()
    if current is None or not current.is_live(timezone.now()):
        raise SessionRevoked


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


def forget_signed_out(*, user_id: UUID, session_ids: Collection[UUID]) -> None:
    """Forget the browsers of sessions that have ended, and those of this person of which no session is known."""
    browsers = PushSubscription.objects.filter(Q(session__in=session_ids) | Q(user=user_id, session=None))
    forget(browsers)
