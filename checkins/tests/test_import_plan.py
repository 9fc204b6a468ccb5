"""Which of the old app's records become check-ins. Nothing here needs a database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from checkins.import_plan import Outcome, Place, plan_import
from checkins.local_storage import read_local_storage
from checkins.tests.legacy import export_of, old_record

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def planned(*records: dict[str, Any], **known: Any) -> list[tuple[str, str, Any]]:
    """(id, outcome, first day) of every record of an export."""
    place = Place(**{"frequency": "weekly", "zone": "UTC", "taken": frozenset(), "remembered": frozenset(), **known})
    rows = plan_import(read_local_storage(export_of(*records), now=NOW).records, place)
    assert all((row.reason is None) == (row.outcome == Outcome.IMPORTED) for row in rows)
    return [(row.legacy_id, row.outcome.value, str(row.week_start_date)) for row in rows]


def test_the_newest_of_a_week_stands_wherever_it_is() -> None:
    rows = planned(
        old_record(id="a", submittedAt="2026-02-17T10:00:00Z", groupId="g"),
        old_record(id="b", submittedAt="2026-02-19T10:00:00Z"),
        old_record(id="c", submittedAt="2026-02-18T10:00:00Z", weekStartDate="2026-02-15T23:00:00.000Z"),
        old_record(id="d", submittedAt=None),
    )

    assert [outcome for _, outcome, _ in rows] == ["superseded", "imported", "superseded", "superseded"]
    assert {day for _, _, day in rows} == {"2026-02-16"}


def test_of_equally_new_ones_the_last_stands() -> None:
    assert [outcome for _, outcome, _ in planned(old_record(id="a"), old_record(id="b"))] == [
        "superseded",
        "imported",
    ]


def test_one_id_counts_once() -> None:
    rows = planned(old_record(id="a"), old_record("2026-02-09T00:00:00.000Z", id="a"))

    assert [outcome for _, outcome, _ in rows] == ["imported", "superseded"]


def test_what_was_imported_before_stands_before_newer_ones() -> None:
    rows = planned(
        old_record(id="a"),
        old_record(id="b", submittedAt="2026-02-20T10:00:00Z"),
        remembered=frozenset({"a"}),
    )

    assert [outcome for _, outcome, _ in rows] == ["alreadyImported", "superseded"]


def test_two_of_a_week_that_were_imported_before_were() -> None:
    rows = planned(old_record(id="a"), old_record(id="b"), remembered=frozenset({"a", "b"}))

    assert [outcome for _, outcome, _ in rows] == ["alreadyImported", "alreadyImported"]


def test_a_taken_week_is_skipped_and_its_older_records_are_superseded() -> None:
    rows = planned(
        old_record(id="a"),
        old_record(id="b", submittedAt="2026-02-20T10:00:00Z"),
        old_record("2026-02-09T00:00:00.000Z", id="c"),
        taken=frozenset({date(2026, 2, 22)}),  # one day of it, of a daily check-in
    )

    assert [outcome for _, outcome, _ in rows] == ["superseded", "skipped", "imported"]


def test_a_daily_group_has_the_monday() -> None:
    assert planned(old_record(id="a"), frequency="daily") == [("a", "imported", "2026-02-16")]
    assert planned(old_record(id="a"), frequency="daily", taken=frozenset({date(2026, 2, 17)})) == [
        ("a", "imported", "2026-02-16")
    ]


def test_a_biweekly_group_has_one_of_each_pair() -> None:
    weeks = ["2026-02-09", "2026-02-16", "2026-02-23"]  # the pairs begin on the 9th and the 23rd
    rows = planned(*(old_record(week, id=week) for week in weeks), frequency="biweekly")

    assert [(outcome, day) for _, outcome, day in rows] == [
        ("superseded", "2026-02-09"),
        ("imported", "2026-02-09"),
        ("imported", "2026-02-23"),
    ]


def test_what_is_left_out_names_the_period_it_would_be_in() -> None:
    assert planned(old_record(id="a", body=0), frequency="biweekly") == [("a", "skipped", "2026-02-09")]
    assert planned(old_record(id="a", weekStartDate=None)) == [("a", "skipped", "None")]


@pytest.mark.parametrize("frequency", ["daily", "weekly", "biweekly"])
@pytest.mark.parametrize("written", ["1900-01-01", "2999-12-31T23:59:59Z"])
def test_the_ends_of_the_calendar_are_far_enough(frequency: str, written: str) -> None:
    ((_, outcome, _),) = planned(old_record(weekStartDate=written), frequency=frequency)

    assert outcome == "skipped"
