"""What becomes due when a group's period closes. The worker does it, one group at a time."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from checkins.participation import refresh_participation
from groups.models import Group

RETRY_AFTER = timedelta(hours=1)

logger = logging.getLogger(__name__)


def close_next_period() -> bool:
    """Do what is due for the group that has been due longest; False if none is.

    However many of its periods have closed meanwhile, once is enough. The lock keeps other workers off the group,
    and they pass it by.
    """
    now = timezone.now()
    with transaction.atomic():
        group = due_groups(now).select_for_update(no_key=True, skip_locked=True).first()
        if group is None:
            return False
        try:
            with transaction.atomic():
                close_period(group)
        except Exception:
            # Else it would come first for ever, and no other group would have its turn.
            logger.exception("The period of group %s was not closed and will be tried again in an hour.", group.pk)
            Group.objects.filter(pk=group.pk).update(period_closes_at=now + RETRY_AFTER)
    return True


def due_groups(now: datetime) -> models.QuerySet[Group]:
    """The living groups whose period has closed, the longest due first."""
    due = Q(period_closes_at=None) | Q(period_closes_at__lte=now)
    return Group.objects.filter(due, is_active=True).order_by(F("period_closes_at").asc(nulls_first=True), "pk")


def close_period(group: Group) -> None:
    """Bring a locked group's participation up to date, and note when that is due again."""
    # First: should another period close meanwhile, it is due again at once.
    group.schedule_close()
    group.save(update_fields=["period_closes_at"])
    refresh_participation(group)
