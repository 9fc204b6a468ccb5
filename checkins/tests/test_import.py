"""POST /checkins/import: what becomes of the records."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from checkins.tests.legacy import (
    HEARD,
    export_of,
    nothing_changes,
    old_record,
    old_weeks,
    outcomes,
    send,
    stored,
)
from groups.models import Group
from groups.tests.builders import make_group
from hucares.tests.answers import data_of

pytestmark = pytest.mark.usefixtures("wednesday")


def test_it_imports_into_a_group(alice: User, porch: Group) -> None:
    report = send(alice, export_of(old_record()), groupId=str(porch.pk))

    assert report == {
        "dryRun": False,
        "imported": 1,
        "alreadyImported": 0,
        "superseded": 0,
        "skipped": 0,
        "groupId": str(porch.pk),
        "rows": [{"legacyId": "mc20260216", "weekStartDate": "2026-02-16", "outcome": "imported", "reason": None}],
    }
    (check_in,) = data_of(signed_in(alice).get("/api/v1/checkins"))
    assert check_in.pop("id") == str(CheckIn.objects.get().pk)
    assert check_in == {
        "userId": str(alice.pk),
        "groupId": str(porch.pk),
        "weekStartDate": "2026-02-16",
        "checkInDate": "2026-02-16T18:30:00Z",
        "productive": 8,
        "satisfied": 7,
        "body": 6,
        "care": 9,
        "huCaresScore": 12,
        "reflectionNote": None,
        "moodEmoji": None,
        "energyLevel": None,
        "isPrivate": False,
        "submittedAt": "2026-02-16T18:30:00Z",
        "updatedAt": "2026-02-16T18:30:00Z",
        "hidden": False,
    }


def test_nobody_is_told_of_it(alice: User, porch: Group) -> None:
    before = stored(*HEARD)

    assert send(alice, export_of(*old_weeks(20)), groupId=str(porch.pk))["imported"] == 20
    assert stored(*HEARD) == before


def test_the_groups_figures_include_it(alice: User, porch: Group) -> None:
    make_check_in(alice, porch)
    before = Group.objects.get(pk=porch.pk)
    send(alice, export_of(*old_weeks(12, date(2026, 2, 23))), groupId=str(porch.pk))

    porch.refresh_from_db()
    assert porch.total_check_ins == CheckIn.objects.filter(group=porch).count() == 13
    assert porch.version > before.version
    assert porch.average_participation_rate == 1  # Alice alone was there, by her first check-in


def test_a_record_knows_its_period_in_the_groups_zone(alice: User) -> None:
    group = make_group(alice, timezone="Pacific/Auckland")
    send(alice, export_of(old_record("2026-02-15T11:00:00.000Z", submittedAt=None)), groupId=str(group.pk))

    check_in = CheckIn.objects.get()
    assert (str(check_in.week_start_date), str(check_in.period_end)) == ("2026-02-16", "2026-02-22")
    assert check_in.closes_at.isoformat() == "2026-02-22T11:00:00+00:00"
    assert check_in.submitted_at.isoformat() == "2026-02-15T11:00:00+00:00"  # its first instant, for want of another


def test_a_week_that_has_begun_only_in_the_east_was_submitted_by_now(alice: User) -> None:
    group = make_group(alice, timezone="Pacific/Pago_Pago")
    with time_machine.travel("2026-03-08T12:00:00Z", tick=False):
        send(alice, export_of(old_record("2026-03-08T11:00:00.000Z", submittedAt=None)), groupId=str(group.pk))

    assert CheckIn.objects.get().submitted_at.isoformat() == "2026-03-08T12:00:00+00:00"


@pytest.mark.parametrize(("frequency", "day"), [("daily", "2026-02-16"), ("biweekly", "2026-02-09")])
def test_the_monday_is_mapped_to_the_groups_period(alice: User, frequency: str, day: str) -> None:
    group = make_group(alice, check_in_frequency=frequency)
    report = send(alice, export_of(old_record()), groupId=str(group.pk))

    assert [row["weekStartDate"] for row in report["rows"]] == [day]
    assert str(CheckIn.objects.get().week_start_date) == day


def test_every_record_has_a_row_in_the_order_of_the_file(alice: User, porch: Group) -> None:
    make_check_in(alice, porch)
    records = [
        old_record(id="old", submittedAt="2026-02-16T10:00:00Z"),
        old_record(id="bad", body=11),
        old_record(id="new"),
        old_record(id="demo", groupId="group-work"),
        old_record("2026-03-02T00:00:00.000Z", id="taken"),
        old_record(id="undated", weekStartDate="soon"),
        old_record(id="theirs", userId="friend-1"),
        old_record("2026-03-09T00:00:00.000Z", id="early"),
    ]
    rows = [tuple(row.values()) for row in send(alice, export_of(*records), groupId=str(porch.pk))["rows"]]

    assert rows == [
        ("old", "2026-02-16", "superseded", "Another check-in of the same week counts instead."),
        ("bad", "2026-02-16", "skipped", "The answer for “body” is 11; answers go from 1 to 10."),
        ("new", "2026-02-16", "imported", None),
        ("demo", "2026-02-16", "skipped", "It belongs to one of the old app's demo groups."),
        ("taken", "2026-03-02", "skipped", "You have already checked in to this group for that week."),
        ("undated", None, "skipped", "Its date cannot be read."),
        ("theirs", "2026-02-16", "skipped", "It is somebody else's check-in."),
        ("early", "2026-03-09", "skipped", "Its date is in the future."),
    ]
    assert CheckIn.objects.count() == 2
    assert CheckIn.objects.get(week_start_date="2026-03-02").productive_score == 8


def test_another_persons_week_and_ids_are_not_in_the_way(alice: User, bob: User, porch: Group) -> None:
    send(bob, export_of(old_record()), groupId=str(porch.pk))

    assert send(alice, export_of(old_record()), groupId=str(porch.pk))["imported"] == 1
    assert CheckIn.objects.count() == 2


def test_a_period_of_an_earlier_frequency_is_in_the_way(alice: User) -> None:
    group = make_group(alice, check_in_frequency="daily")
    make_check_in(alice, group)
    Group.objects.update(check_in_frequency="weekly")
    with nothing_changes():
        report = send(alice, export_of(old_record("2026-03-02T00:00:00.000Z")), groupId=str(group.pk))

    assert outcomes(report) == ["skipped"]


def test_the_same_file_again_changes_nothing(alice: User, porch: Group) -> None:
    data = export_of(
        *old_weeks(5), old_record(id="newer", submittedAt="2026-02-18T00:00:00Z"), old_record(id="b", care=0)
    )
    first = send(alice, data, groupId=str(porch.pk))
    with nothing_changes():
        second = send(alice, data, groupId=str(porch.pk))
        elsewhere = send(alice, data)

    assert outcomes(first) == [*["imported"] * 4, "superseded", "imported", "skipped"]
    assert outcomes(second) == [*["alreadyImported"] * 4, "superseded", "alreadyImported", "skipped"]
    assert elsewhere["rows"] == second["rows"]
    assert (second["groupId"], elsewhere["groupId"]) == (str(porch.pk), None)


def test_a_check_in_deleted_after_its_import_is_not_brought_back(alice: User, porch: Group) -> None:
    data = export_of(old_record(id="older", submittedAt="2026-02-16T01:00:00Z"), old_record())
    send(alice, data, groupId=str(porch.pk))
    CheckIn.objects.all().delete()
    with nothing_changes():
        assert outcomes(send(alice, data, groupId=str(porch.pk))) == ["superseded", "alreadyImported"]


def test_records_without_ids_are_remembered_too(alice: User, porch: Group) -> None:
    data = export_of(*old_weeks(3, id=...))
    send(alice, data, groupId=str(porch.pk))
    with nothing_changes():
        assert send(alice, data, groupId=str(porch.pk))["alreadyImported"] == 3


class TestDryRun:
    def test_it_reports_the_same_and_writes_nothing(self, alice: User, porch: Group) -> None:
        make_check_in(alice, porch)
        records = [*old_weeks(3), old_record(id="older", submittedAt=None), old_record(id="bad", body="7")]
        records.append(old_record("2026-03-02T00:00:00.000Z", id="taken"))
        data, target = export_of(*records), {"groupId": str(porch.pk)}
        with nothing_changes():
            tried = send(alice, data, **target, dryRun=True)

        assert tried["dryRun"] is True
        assert send(alice, data, **target, dryRun=False) == {**tried, "dryRun": False}

    def test_it_founds_no_group(self, alice: User) -> None:
        with nothing_changes():
            tried = send(alice, export_of(old_record()), dryRun=True)

        assert (tried["imported"], tried["groupId"]) == (1, None)
