"""Which of the old app's records become check-ins of a group. Pure: no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from checkins.legacy_records import LegacyCheckIn, UnusableRecord
from groups.periods import BIWEEKLY, DAILY, LENGTHS, WEEKLY, Period, first_day, period_of_day

EARLIEST = datetime.min.replace(tzinfo=UTC)
SPANS = {DAILY: "day", WEEKLY: "week", BIWEEKLY: "two weeks"}


class Outcome(StrEnum):
    """What becomes of a record."""

    IMPORTED = "imported"
    ALREADY_IMPORTED = "alreadyImported"
    SUPERSEDED = "superseded"  # another record of the file stands for its period
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Row:
    """One record and its outcome; `reason` is a sentence for everything that is not imported now."""

    legacy_id: str
    week_start_date: date | None  # the period's first day
    outcome: Outcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the records are to go: how its periods run, and what is known there of this person."""

    frequency: str
    zone: str
    taken: frozenset[date]  # every day of every period in which the person has checked in
    remembered: frozenset[str]  # old ids imported earlier, wherever to

    def first_day_of(self, record: LegacyCheckIn | UnusableRecord) -> date | None:
        """The first day of the period that holds the record's Monday."""
        return first_day(record.monday, self.frequency) if record.monday else None

    def period_of(self, record: LegacyCheckIn) -> Period:
        """The period that holds the record's Monday."""
        return period_of_day(record.monday, self.frequency, self.zone)

    def is_taken(self, start: date) -> bool:
        """Whether the person has checked in for a day of the period that begins then."""
        days = range(LENGTHS[self.frequency].days)
        return any(start + timedelta(days=number) in self.taken for number in days)


def plan_import(records: list[LegacyCheckIn | UnusableRecord], place: Place) -> list[Row]:
    """A row for every record, in their order.

    Of several records with one id, or of one period, the one that stands was imported earlier, else submitted last,
    else comes last.
    """
    usable = {number: record for number, record in enumerate(records) if isinstance(record, LegacyCheckIn)}

    def standing(number: int) -> tuple[bool, datetime, int]:
        record = usable[number]
        return record.legacy_id in place.remembered, record.submitted_at or EARLIEST, number

    decided: dict[int, tuple[Outcome, str | None]] = {}
    ids: set[str] = set()
    starts: set[date] = set()
    for number in sorted(usable, key=standing, reverse=True):
        record = usable[number]
        start = first_day(record.monday, place.frequency)
        decided[number] = outcome_of(record.legacy_id, start, place, ids, starts)
        ids.add(record.legacy_id)
        starts.add(start)
    return [
        Row(record.legacy_id, place.first_day_of(record), Outcome.SKIPPED, record.reason)
        if isinstance(record, UnusableRecord)
        else Row(record.legacy_id, place.first_day_of(record), *decided[number])
        for number, record in enumerate(records)
    ]


def outcome_of(
    legacy_id: str, start: date, place: Place, ids: set[str], starts: set[date]
) -> tuple[Outcome, str | None]:
    """What becomes of a usable record, and why; `ids` and `starts` are those of the records that go before it."""
    span = SPANS[place.frequency]
    if legacy_id in ids:
        return Outcome.SUPERSEDED, "Another record with the same id counts instead."
    if legacy_id in place.remembered:
        return Outcome.ALREADY_IMPORTED, "It was imported before."
    if start in starts:
        return Outcome.SUPERSEDED, f"Another check-in of the same {span} counts instead."
    if place.is_taken(start):
        return Outcome.SKIPPED, f"You have already checked in to this group for that {span}."
    return Outcome.IMPORTED, None
