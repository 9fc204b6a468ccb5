"""Reminders where the clocks go forward and back: so many hours before the end, once for each period."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.models import User
from accounts.tests.builders import make_user
from checkins.closing import close_next_period
from groups.models import Frequency, Group
from groups.periods import period_at, period_of_day
from groups.tests.builders import make_group
from hucares.serializers import zone_names
from notifications.models import Reminder
from notifications.reminders import ending_period, remind_from
from notifications.tests.reminding import remind

LOS_ANGELES, AUCKLAND, KOLKATA = "America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata"
HOUR = timedelta(hours=1)
STEP = 3 * HOUR
zones = st.sampled_from([LOS_ANGELES, AUCKLAND, KOLKATA, "America/Havana", "Australia/Lord_Howe"]) | st.sampled_from(
    sorted(zone_names())
)
moments = st.datetimes(datetime(2015, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "frequency", "day", "due"),
    [
        # March 8 has 23 hours in Los Angeles, November 1 has 25. Both are Sundays.
        (LOS_ANGELES, "weekly", "2026-03-08", "2026-03-08T07:00"),  # 23:00 of the day before
        (LOS_ANGELES, "daily", "2026-03-08", "2026-03-09T01:00"),
        (LOS_ANGELES, "weekly", "2026-11-01", "2026-11-01T08:00"),  # 01:00, for the first time
        (LOS_ANGELES, "daily", "2026-11-01", "2026-11-02T02:00"),
        (LOS_ANGELES, "biweekly", "2026-11-01", "2026-11-01T08:00"),
        # April 5 has 25 hours in Auckland, September 27 has 23. Both are Sundays.
        (AUCKLAND, "weekly", "2026-04-05", "2026-04-04T12:00"),
        (AUCKLAND, "daily", "2026-04-05", "2026-04-05T06:00"),
        (AUCKLAND, "weekly", "2026-09-27", "2026-09-26T11:00"),
        (AUCKLAND, "daily", "2026-09-27", "2026-09-27T05:00"),
        # No clock is ever changed in Kolkata.
        (KOLKATA, "weekly", "2026-03-08", "2026-03-07T18:30"),
        (KOLKATA, "daily", "2026-11-01", "2026-11-01T12:30"),
    ],
)
def test_it_is_due_so_many_hours_before_the_end(zone: str, frequency: str, day: str, due: str) -> None:
    group = Group(check_in_frequency=frequency, timezone=zone)
    period = period_of_day(date.fromisoformat(day), frequency, zone)
    moment = remind_from(group, period)

    assert moment == utc(due)
    assert ending_period(group, moment) == period
    assert ending_period(group, moment - timedelta.resolution) is None
    assert ending_period(group, period.closes_at - timedelta.resolution) == period


@given(moments, st.sampled_from(Frequency.values), zones)
@example(utc("2026-11-01T08:00:00"), "weekly", LOS_ANGELES)
@example(utc("2026-03-08T07:00:00"), "weekly", LOS_ANGELES)
@example(utc("2026-04-04T12:00:00"), "weekly", AUCKLAND)
def test_an_instant_is_near_the_end_exactly_if_the_period_ends_within_the_lead(
    moment: datetime, frequency: str, zone: str
) -> None:
    group = Group(check_in_frequency=frequency, timezone=zone)
    lead = (6 if frequency == "daily" else 24) * HOUR
    period, later = (period_at(instant, frequency, zone) for instant in (moment, moment + lead))

    assert ending_period(group, moment) == (period if later.closes_at != period.closes_at else None)


@pytest.mark.parametrize(
    ("begin", "zone"),
    [
        # Each a Wednesday, about noon.
        ("2026-02-25T20:00", LOS_ANGELES),
        ("2026-10-21T19:00", LOS_ANGELES),
        ("2026-03-25T00:00", AUCKLAND),
        ("2026-09-16T00:00", AUCKLAND),
        ("2026-02-25T07:00", KOLKATA),
    ],
)
def test_through_three_weeks_each_period_that_ends_has_one_reminder(db: None, begin: str, zone: str) -> None:
    with time_machine.travel(utc(begin), tick=False) as clock:
        alice: User = make_user("alice", notification_preferences={"weeklyReminder": {"email": False}})
        groups = {name: make_group(alice, check_in_frequency=name, timezone=zone) for name in Frequency.values}
        ends: dict[str, set[datetime]] = {name: set() for name in groups}
        for _ in range(3 * 7 * 24 // 3):
            clock.shift(STEP.total_seconds())
            while close_next_period():
                pass
            remind()
            for name, group in groups.items():
                ends[name].add(group.period_at(datetime.now(UTC)).closes_at)

        for name, group in groups.items():
            reminders = Reminder.objects.filter(group=group)
            times = [reminder.closes_at - reminder.created_at for reminder in reminders]
            longest = (6 if name == "daily" else 24) * HOUR
            assert Counter(reminder.closes_at for reminder in reminders) == Counter(
                end for end in ends[name] if end - datetime.now(UTC) <= longest
            )
            assert all(longest - STEP < time <= longest for time in times)
