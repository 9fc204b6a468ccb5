"""How somebody's closed periods went, on average: their own check-ins, private ones too, whoever's group it was.

In one group the periods are the group's, each as it was when the check-in was made. Over all groups they are ISO
weeks of the person's own calendar, and a check-in belongs to the week in which it was made: the periods of several
groups, in zones and lengths of their own, have no other week in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, DateField, F, QuerySet
from django.db.models.functions import TruncWeek
from django.utils import timezone

from accounts.models import User
from checkins.models import CheckIn
from groups.access import membership_of
from groups.models import Group
from groups.periods import WEEKLY, period_at, start_of_day

AVERAGES = {name: Avg(f"{name}_score") for name in ("productive", "satisfied", "body", "care", "hu_cares")}
SIX_DAYS = timedelta(days=6)

Rows = QuerySet[Any, Any]  # of dicts


@dataclass(frozen=True, slots=True)
class Averages:
    """The average of each answer, and of the score."""

    productive: float
    satisfied: float
    body: float
    care: float
    hu_cares: float


@dataclass(frozen=True, slots=True)
class Past:
    """A closed period in which somebody checked in.

    `change` is the average HuCares score minus that of the row before it in time; None for the first.
    """

    period_start: date
    period_end: date
    check_ins: int
    average: Averages
    change: float | None


class History:
    """Somebody's closed periods, the newest first, to be counted and sliced like a queryset."""

    def __init__(self, rows: Rows, since: date | None, to: date | None) -> None:
        # Rows before `since` are not shown, but the oldest shown one is compared with the one before it.
        self.rows = rows.filter(start__lte=to) if to else rows
        self.since = since or date.min

    def count(self) -> int:
        """How many periods there are."""
        return self.rows.filter(start__gte=self.since).count()

    def __getitem__(self, wanted: slice) -> list[Past]:
        """The periods from `wanted.start` to before `wanted.stop`, both given."""
        rows = list(self.rows[wanted.start : wanted.stop + 1])
        pairs = zip(rows, [*rows[1:], None], strict=True)
        shown = [past(row, before) for row, before in pairs if row["start"] >= self.since]
        return shown[: wanted.stop - wanted.start]


def past(row: dict[str, Any], before: dict[str, Any] | None) -> Past:
    """One row of the database as it is shown."""
    return Past(
        period_start=row["start"],
        period_end=row.get("end", row["start"] + SIX_DAYS),
        check_ins=row["check_ins"],
        average=Averages(**{name: row[name] for name in AVERAGES}),
        change=None if before is None else row["hu_cares"] - before["hu_cares"],
    )


def history_of(user: User, group_id: UUID | None = None, since: date | None = None, to: date | None = None) -> History:
    """The person's closed periods that begin on days from `since` to `to`, inclusive.

    With `group_id` those of that group, else ISO weeks. Raises `NotFound` for a group that the person is not in.
    """
    periods = weeks_of(user) if group_id is None else periods_of(user, membership_of(user, group_id).group)
    return History(periods.annotate(check_ins=Count("pk"), **AVERAGES).order_by("-start"), since, to)


def periods_of(user: User, group: Group) -> Rows:
    """The person's check-ins in the closed periods of a group, by period."""
    closed = CheckIn.objects.filter(user=user, group=group, closes_at__lte=timezone.now())
    return closed.values(start=F("week_start_date"), end=F("period_end"))


def weeks_of(user: User) -> Rows:
    """The person's check-ins that were made before this week began, by week of the person's calendar."""
    this_week = period_at(timezone.now(), WEEKLY, user.timezone).start
    closed = CheckIn.objects.filter(user=user, check_in_date__lt=start_of_day(this_week, user.timezone))
    week = TruncWeek("check_in_date", output_field=DateField(), tzinfo=ZoneInfo(user.timezone))
    return closed.values(start=week)
