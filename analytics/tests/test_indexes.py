"""Figures are read through indexes, however many check-ins of others there are. PostgreSQL tells how it reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.builders import make_user
from analytics.comparison import comparison_of
from analytics.group import group_figures
from analytics.insights.history import history_of
from analytics.personal import personal_figures
from analytics.places import places_of
from analytics.weeks import Weeks
from checkins.models import CheckIn
from groups.models import Group
from groups.periods import period_at
from groups.tests.builders import make_group
from hucares.database import insert_rows

pytestmark = pytest.mark.needs_servers

NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)
WEEKS = Weeks.until(NOW, "UTC", 12)
ROWS = re.compile(r"actual (?:time=\S+ )?rows=([\d.]+) loops=(\d+)")
REMOVED = re.compile(r"Rows Removed by Filter: ([\d.]+)")


def fill(people: list[User], groups: list[Group], years: int) -> None:
    """A check-in of everybody in each week of so many years."""
    answers = dict.fromkeys(("productive_score", "satisfied_score", "body_score", "care_score"), 5)
    mondays = list(Weeks.until(NOW, "UTC", 52 * years).mondays())
    insert_rows(
        [
            CheckIn(
                user=user,
                group=group,
                week_start_date=monday,
                period_end=period.end,
                closes_at=period.closes_at,
                check_in_date=period.closes_at,
                updated_at=NOW,
                **answers,
            )
            for user, group in zip(people, groups, strict=True)
            for monday in mondays
            for period in [period_at(datetime(monday.year, monday.month, monday.day, 12, tzinfo=UTC), "weekly", "UTC")]
        ]
    )


def statements(alice: User, porch: Group) -> list[str]:
    """Each statement of each figure."""
    with CaptureQueriesContext(connection) as captured:
        for group_id in (None, porch.pk):
            places = places_of(alice, group_id)
            personal_figures(alice, WEEKS, NOW, places, group_id)
            history_of(alice, WEEKS, NOW, places, group_id)
        group_figures(porch, WEEKS)
        comparison_of(alice, [porch], WEEKS)
    return list(dict.fromkeys(query["sql"] for query in captured.captured_queries))


def explained(sql: str, options: str = "") -> str:
    """How PostgreSQL goes about a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {options} {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())


def rows_read(statements: list[str]) -> Iterator[int]:
    """How many check-ins are looked at for each statement that is about some."""
    for sql in statements:
        if "check_ins" in sql:
            plan = explained(sql, "(ANALYZE, TIMING OFF)")
            assert "Seq Scan on check_ins" not in plan, plan
            looked_at = sum(float(rows) * int(loops) for rows, loops in ROWS.findall(scans_in(plan)))
            yield round(looked_at + sum(map(float, REMOVED.findall(plan))))


def scans_in(plan: str) -> str:
    """The lines of a plan that read check-ins."""
    return "\n".join(line for line in plan.splitlines() if "check_ins" in line and "Scan" in line)


def test_no_more_check_ins_are_read_than_those_of_the_person_or_the_group(alice: User, bob: User, porch: Group) -> None:
    fill([alice, bob], [porch, porch], years=2)
    strangers = [make_user(f"stranger_{number}") for number in range(20)]
    fill(strangers, [make_group(one, name=one.username) for one in strangers], years=20)
    assert CheckIn.objects.count() > 20_000

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    asked = statements(alice, porch)
    read = sorted(rows_read(asked))

    assert len(read) >= 8
    # A row may count twice, in a bitmap of an index and in the table. Streaks look at all of a person's, in all groups
    # and in one; the others at what two people did in the range, and one week more for periods that reach into it.
    assert read[-1] <= 2 * 104
    assert read[-3] <= 2 * 2 * 13
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off"
        )  # so that only the want of an index makes it read a whole table
    for sql in asked:
        assert "Seq Scan" not in (plan := explained(sql)), plan
