"""Somebody's participation and their group's rate are two ways to ask the same, and must give the same answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from analytics.places import Place
from analytics.weeks import Weeks
from checkins.participation import Stretch, days_of_stay, people_of
from groups.periods import LENGTHS, ONE_DAY, closed_periods, period_of_day

ZONES = ("UTC", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata")
NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)
LONG_ENOUGH = 400  # periods, of any length, to reach back over every range below
ALICE = uuid4()

moments = st.integers(0, 300 * 24).map(lambda hours: NOW - timedelta(hours=hours))
days = st.integers(0, 300).map(lambda ago: NOW.date() - ago * ONE_DAY)


@st.composite
def stays(draw: st.DrawFn) -> list[tuple[datetime, datetime | None]]:
    """One after the other; the last one may go on."""
    turns = sorted(draw(st.lists(moments, min_size=1, max_size=5, unique=True)))
    return [(joined, turns[at + 1] if at + 1 < len(turns) else None) for at, joined in enumerate(turns) if at % 2 == 0]


@given(
    frequency=st.sampled_from(list(LENGTHS)),
    former=st.sampled_from(list(LENGTHS)),
    zone=st.sampled_from(ZONES),
    of_person=st.sampled_from(ZONES),
    stayed=stays(),
    checked_in=st.lists(days, max_size=8),
    count=st.integers(1, 40),
)
def test_periods_present_and_checked_in_are_those_of_the_groups_rate(
    frequency: str,
    former: str,
    zone: str,
    of_person: str,
    stayed: list[tuple[datetime, datetime | None]],
    checked_in: list[date],
    count: int,
) -> None:
    weeks = Weeks.until(NOW, of_person, count)
    spans = [(period.start, period.end) for period in (period_of_day(day, former, zone) for day in checked_in)]

    found = Place(uuid4(), frequency, zone, stayed).count_periods(weeks, NOW, spans)

    first_check_in = min((first for first, _ in spans), default=None)
    there = [
        Stretch(ALICE, *days_of_stay(joined, left, ZoneInfo(zone), None if at else first_check_in))
        for at, (joined, left) in enumerate(stayed)
    ]
    made = [Stretch(ALICE, first, last) for first, last in spans]
    periods = closed_periods(NOW, frequency, zone, count=LONG_ENOUGH)
    present = [one for one in periods if weeks.first <= one.start <= weeks.last and people_of(there, one)]
    assert found == (len(present), sum(1 for one in present if people_of(made, one)))
