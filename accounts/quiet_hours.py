"""The hours in which somebody does not want to be disturbed. Pure; nothing here reads a clock or a database."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
# In minutes: if the clocks jump over the one minute of a day that is not quiet, the next day has it.
FURTHEST = 3 * 24 * 60


def quiet_until(moment: datetime, preferences: dict[str, Any], zone: str) -> datetime | None:
    """When the quiet hours end in which an instant lies; None if it lies in none.

    `preferences` are stored notification preferences. What the clocks on the wall say counts, whatever happens to
    them: an hour that is left out is not waited for, and one that comes twice is quiet twice.
    """
    hours = preferences.get("quietHours")
    if not hours or not is_quiet(moment, hours, zone):
        return None
    begun = moment.replace(second=0, microsecond=0)
    later = (begun + count * MINUTE for count in range(1, FURTHEST))
    return next((instant for instant in later if not is_quiet(instant, hours, zone)), None)


def is_quiet(moment: datetime, hours: dict[str, str], zone: str) -> bool:
    """Whether the clocks of a zone stand within `hours` (`start`, `end`) at an instant; never if these are equal."""
    clock = moment.astimezone(ZoneInfo(zone)).time()
    start, end = time.fromisoformat(hours["start"]), time.fromisoformat(hours["end"])
    if start <= end:
        return start <= clock < end
    return clock >= start or clock < end
