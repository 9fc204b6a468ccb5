"""Where somebody is or was a member, and which periods they were present in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import User
from analytics.streaks import Span
from analytics.weeks import Weeks
from checkins.participation import days_of_stay
from groups.models import MembershipSpan
from groups.periods import LENGTHS, first_day, period_at


@dataclass(slots=True)
class Place:
    """Somebody's place in a living group; `stays` are the instants of joining and leaving, in the order of time."""

    group_id: UUID
    frequency: str
    zone: str
    stays: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    def open_since(self, now: datetime) -> date:
        """The first day of the group's period that is open at an instant."""
        return period_at(now, self.frequency, self.zone).start

    def count_periods(self, weeks: Weeks, now: datetime, checked_in: Iterable[Span]) -> tuple[int, int]:
        """(periods present, of them with a check-in), of those that begin in these weeks and have closed.

        A check-in counts for every period that its own shares a day with, as in the group's rate.
        """
        spans = list(checked_in)
        stays = self.days_present(min((first for first, _ in spans), default=None))
        covered = {day for first, last in spans for day in self.periods_between(self.first_day(first), last)}
        starts = self.periods_between(weeks.first, min(weeks.last, self.open_since(now) - date.resolution))
        present = [day for day in starts if any(self.shares_day(day, stay) for stay in stays)]
        return len(present), len(covered.intersection(present))

    def days_present(self, first_check_in: date | None) -> list[Span]:
        """The first and last day of each stay, by the group's calendar as it is now."""
        earlier = [first_check_in, *[None] * len(self.stays)]
        zone = ZoneInfo(self.zone)
        return [days_of_stay(joined, left, zone, day) for (joined, left), day in zip(self.stays, earlier, strict=False)]

    def first_day(self, day: date) -> date:
        """The first day of the period that holds a day."""
        return first_day(day, self.frequency)

    def periods_between(self, day: date, last: date) -> list[date]:
        """The first day of each period that begins on one of the days from `day` to `last`, inclusive."""
        length, start = LENGTHS[self.frequency], self.first_day(day)
        if start < day:
            start += length
        return [start + number * length for number in range((last - start) // length + 1)] if start <= last else []

    def shares_day(self, start: date, stay: Span) -> bool:
        """Whether the period that begins on a day has a day of a stay."""
        return stay[0] < start + LENGTHS[self.frequency] and stay[1] >= start


def places_of(user: User, group_id: UUID | None = None) -> list[Place]:
    """The person's places in living groups, former ones too, or in one group alone; one statement."""
    rows = MembershipSpan.objects.filter(membership__user=user)
    rows = rows.filter(membership__group=group_id) if group_id else rows.filter(membership__group__is_active=True)
    places: dict[UUID, Place] = {}
    columns = ("membership__group_id", "membership__group__check_in_frequency", "membership__group__timezone")
    for group, frequency, zone, joined_at, left_at in rows.order_by("joined_at", "pk").values_list(
        *columns, "joined_at", "left_at"
    ):
        places.setdefault(group, Place(group, frequency, zone)).stays.append((joined_at, left_at))
    return list(places.values())
