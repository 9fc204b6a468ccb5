"""Weeks in any zone, asked of the database and of Python: the same."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from analytics.personal import sums_by_week
from analytics.weeks import Weeks, monday_of
from checkins.models import CheckIn
from groups.models import Group
from groups.periods import period_at
from hucares.serializers import zone_names

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2025, 9, 1), datetime(2026, 11, 25), timezones=st.just(UTC))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(zone=st.sampled_from(sorted(zone_names())), instants=st.lists(INSTANTS, max_size=12), weeks=st.integers(1, 60))
def test_each_check_in_is_in_the_week_of_the_calendar_in_which_it_was_made(
    alice: User, porch: Group, zone: str, instants: list[datetime], weeks: int
) -> None:
    CheckIn.objects.all().delete()
    alice.timezone = zone
    for number, moment in enumerate(instants):
        period = period_at(NOW - timedelta(days=number), "daily", "UTC")  # which does not matter, but no two the same
        CheckIn.objects.create(
            user=alice,
            group=porch,
            week_start_date=period.start,
            period_end=period.end,
            closes_at=period.closes_at,
            check_in_date=moment,
            **dict.fromkeys(("productive_score", "satisfied_score", "body_score", "care_score"), 5),
        )
    asked = Weeks.until(NOW, zone, weeks)

    found = {monday: sums.n for monday, sums in sums_by_week(alice, asked, None).items()}

    mondays = [monday_of(moment.astimezone(ZoneInfo(zone)).date()) for moment in instants]
    assert found == Counter(monday for monday in mondays if monday >= asked.first)
