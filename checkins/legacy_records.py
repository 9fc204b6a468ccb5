"""One record of the old app's check-ins, and what becomes of it. Pure: no database, no clock."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

DEMO_GROUPS = {"group-family", "group-friends", "group-work", "group-fitness"}  # the old app made these people up
QUESTIONS = ("productive", "satisfied", "body", "care")

MAX_ID = 200  # characters, of an id that is kept as it is; the old app's have about 20
# The old app wrote the local Monday 00:00 in UTC, a Sunday east of Greenwich. Zones reach from UTC-12 to UTC+14.
TO_MONDAY = timedelta(hours=14)
FIRST_YEAR = 2000
READABLE_YEARS = range(1900, 3000)  # so that no arithmetic runs off the calendar
CLOCK_SKEW = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LegacyCheckIn:
    """A check-in of the old app that can be read."""

    legacy_id: str
    monday: date  # of its ISO week
    submitted_at: datetime | None  # None where the record does not say it, or nothing believable
    old_group: str | None
    answers: tuple[int, int, int, int]  # in the order of `QUESTIONS`


@dataclass(frozen=True, slots=True)
class UnusableRecord:
    """A record that is left out, and why, in words for the person it belongs to."""

    legacy_id: str
    monday: date | None  # None where it has no date that can be read
    reason: str


class Unusable(Exception):
    """Why a record is left out; never leaves this module."""


def verdict(record: Any, owner: str | None, now: datetime) -> LegacyCheckIn | UnusableRecord:
    """What becomes of one record."""
    legacy_id = legacy_id_of(record)
    day = day_in(record.get("weekStartDate")) if isinstance(record, dict) else None
    try:
        refuse_foreign(record, owner)
        return LegacyCheckIn(
            legacy_id=legacy_id,
            monday=usable_monday(record.get("weekStartDate"), now),
            submitted_at=believable(instant_in(record.get("submittedAt")), now),
            old_group=identifier(record.get("groupId")),
            answers=answers_in(record),
        )
    except Unusable as why:
        return UnusableRecord(legacy_id, monday_of(day) if day else None, str(why))


def refuse_foreign(record: Any, owner: str | None) -> None:
    """Raises `Unusable` for what is not a check-in of the owner's own."""
    if not isinstance(record, dict):
        raise Unusable("This is not a check-in.")
    if identifier(record.get("groupId")) in DEMO_GROUPS:
        raise Unusable("It belongs to one of the old app's demo groups.")
    if not record.get("userId"):
        return  # the old app often left it out
    if owner is None:
        raise Unusable("The file has check-ins of several people and does not say which of them you are.")
    if identifier(record["userId"]) != owner:
        raise Unusable("It is somebody else's check-in.")


def identifier(value: Any) -> str | None:
    """An old id as text; None where there is none that can be read."""
    if type(value) is int:
        return str(value) if abs(value) < 10**18 else None
    return value if isinstance(value, str) and value else None


def legacy_id_of(record: Any) -> str:
    """The old id, or where there is none that can be kept, one made of the content: the same for the same record."""
    old_id = identifier(record.get("id")) if isinstance(record, dict) else None
    if old_id is not None and len(old_id) <= MAX_ID and old_id.isprintable():
        return old_id
    parts = content_of(record) if old_id is None else [old_id]
    text = json.dumps([part if isinstance(part, str | int | float | None) else "…" for part in parts])
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def content_of(record: Any) -> list[Any]:
    """What tells a record without an id from others."""
    if not isinstance(record, dict):
        return [record]
    return [record.get(key) for key in ("userId", "groupId", "weekStartDate", "submittedAt", *QUESTIONS)]


def answers_in(record: dict[str, Any]) -> tuple[int, int, int, int]:
    """The four answers. Raises `Unusable`."""
    productive, satisfied, body, care = (answer_in(record, question) for question in QUESTIONS)
    return productive, satisfied, body, care


def answer_in(record: dict[str, Any], question: str) -> int:
    """One answer. Raises `Unusable`."""
    value = record.get(question)
    if value is None:
        raise Unusable(f"The answer for “{question}” is missing.")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unusable(f"The answer for “{question}” is not a number.")
    if isinstance(value, float) and not value.is_integer():
        raise Unusable(f"The answer for “{question}” is not a whole number.")
    if not 1 <= value <= 10:
        shown = str(int(value)) if abs(value) < 10**6 else "far off"
        raise Unusable(f"The answer for “{question}” is {shown}; answers go from 1 to 10.")
    return int(value)


def usable_monday(value: Any, now: datetime) -> date:
    """The Monday of a record's week. Raises `Unusable`."""
    instant = instant_in(value)
    if instant is None:
        raise Unusable("It has no date." if value is None else "Its date cannot be read.")
    if instant.year < FIRST_YEAR:
        raise Unusable(f"Its date is before the year {FIRST_YEAR}.")
    monday = monday_of(eastern_day(instant))
    if monday > monday_of(eastern_day(now)):
        raise Unusable("Its date is in the future.")
    return monday


def day_in(value: Any) -> date | None:
    """A day of the week that a `weekStartDate` means; None where it cannot be read."""
    instant = instant_in(value)
    return eastern_day(instant) if instant is not None else None


def eastern_day(instant: datetime) -> date:
    """The day that it is, at an instant, where days begin first."""
    return (instant.astimezone(UTC) + TO_MONDAY).date()


def monday_of(day: date) -> date:
    """The first day of an ISO week."""
    return day - timedelta(days=day.weekday())


def believable(instant: datetime | None, now: datetime) -> datetime | None:
    """When a record was submitted; a browser's clock may be ahead a little, and then it was now."""
    if instant is None or instant.year < FIRST_YEAR or instant > now + CLOCK_SKEW:
        return None
    return min(instant, now)


def instant_in(value: Any) -> datetime | None:
    """An instant (UTC) as browsers write them: ISO 8601, taken for UTC where no offset stands there, or milliseconds
    since 1970. None where it cannot be read.
    """
    try:
        if isinstance(value, str) and len(value) <= 40 and re.fullmatch(r"\d{4}-\d\d-\d\d.*", value, re.ASCII):
            read = datetime.fromisoformat(value)
            instant = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return instant if instant.year in READABLE_YEARS else None
