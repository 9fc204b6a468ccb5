"""Forgetting browsers that were told."""

from __future__ import annotations

from django.db import transaction

from notifications.models import PushSubscription, PushSubscriptionQuerySet


@transaction.atomic
def forget(browsers: PushSubscriptionQuerySet) -> int:
    """Remove push subscriptions and what was to be sent to them; how many there were.

    They are locked before their pushes are looked for: one that is being queued comes before that or not at all.
    """
    locked = list(browsers.select_for_update().order_by("pk").values_list("pk", flat=True))
    if locked:
        PushSubscription.objects.filter(pk__in=locked).delete()
    return len(locked)
