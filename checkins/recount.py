"""Counting a group's figures again, from the rows that they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import models, transaction
from django.db.models import Count, F
from django.utils import timezone

from checkins.models import CheckIn
from checkins.participation import participation_rates
from groups.access import locked_group
from groups.models import Group, Membership, Status

BATCH = 200

Figure = int | Decimal


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of a group that is not what its rows say; `figure` names its column."""

    group_id: UUID
    group_name: str
    figure: str
    stored: Figure
    counted: Figure


def batches(size: int = BATCH) -> Iterator[list[Group]]:
    """All groups, ended ones too, so many at a time."""
    groups = Group.objects.order_by("pk")
    batch = list(groups[:size])
    while batch:
        yield batch
        batch = list(groups.filter(pk__gt=batch[-1].pk)[:size])


def wrong_figures(groups: Sequence[Group], *, mend: bool) -> list[Difference]:
    """What differs from a recount, and with `mend` no longer does.

    A difference is counted once more under the group's lock before it is believed: check-ins go on meanwhile.
    """
    suspected = dict.fromkeys(one.group_id for one in differences(groups))
    return [one for group_id in suspected for one in confirmed(group_id, mend=mend)]


@transaction.atomic
def confirmed(group_id: UUID, *, mend: bool) -> list[Difference]:
    """The differences of one group that are still there under its lock. They are mended with `mend`."""
    found = differences([locked_group(group_id)])
    if found and mend:
        right = {one.figure: one.counted for one in found}
        Group.objects.filter(pk=group_id).update(**right, version=F("version") + 1)
    return found


def differences(groups: Sequence[Group]) -> list[Difference]:
    """Every figure of these groups that is not what a recount gives."""
    counted = counted_figures(groups)
    return [
        Difference(group.pk, group.name, figure, getattr(group, figure), value)
        for group in groups
        for figure, value in counted[group.pk].items()
        if getattr(group, figure) != value
    ]


def counted_figures(groups: Sequence[Group]) -> dict[UUID, dict[str, Figure]]:
    """Group → its figures by column, in four statements however many groups there are.

    An ended group keeps the rate that it ended with: that one is not counted.
    """
    members = rows_by_group(Membership.objects.filter(status=Status.ACTIVE), groups)
    check_ins = rows_by_group(CheckIn.objects.all(), groups)
    rates = participation_rates([group for group in groups if group.is_active], timezone.now())
    return {
        group.pk: {
            "member_count": members.get(group.pk, 0),
            "total_check_ins": check_ins.get(group.pk, 0),
            "average_participation_rate": rates.get(group.pk, group.average_participation_rate),
        }
        for group in groups
    }


def rows_by_group(
    rows: models.QuerySet[Membership] | models.QuerySet[CheckIn], groups: Sequence[Group]
) -> dict[UUID, int]:
    """Group → how many of these rows it has; groups without any are left out."""
    counted = rows.filter(group__in=groups).order_by().values_list("group_id").annotate(Count("pk"))
    return dict(counted)
