"""What becomes of one record of the old app. Nothing here needs a database."""

from __future__ import annotations

import itertools
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkins.legacy_records import LegacyCheckIn, UnusableRecord, verdict
from checkins.tests.legacy import OWNER, old_record

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
ZONES = sorted(zoneinfo.available_timezones() - {"localtime", "Factory", "posixrules"})


def usable(record: Any) -> LegacyCheckIn:
    judged = verdict(record, OWNER, NOW)
    assert isinstance(judged, LegacyCheckIn), judged
    return judged


def reason_for(record: Any) -> str:
    judged = verdict(record, OWNER, NOW)
    assert isinstance(judged, UnusableRecord), judged
    return judged.reason


class TestWeek:
    @pytest.mark.parametrize(
        ("written", "monday"),
        [
            ("2026-02-16T00:00:00.000Z", "2026-02-16"),
            ("2026-02-15T10:00:00.000Z", "2026-02-16"),  # UTC+14
            ("2026-02-15T09:59:59.999Z", "2026-02-09"),
            ("2026-02-16T12:00:00.000Z", "2026-02-16"),  # UTC-12
            ("2026-02-22T09:59:59Z", "2026-02-16"),
            ("2026-02-16", "2026-02-16"),
            ("2026-02-16T00:00:00", "2026-02-16"),
            ("2026-02-16 00:00:00", "2026-02-16"),
            ("2026-02-16T00:00:00+14:00", "2026-02-16"),
            ("2026-02-16T00:00:00-12:00", "2026-02-16"),
            (1771200000000, "2026-02-16"),
            (1771200000000.0, "2026-02-16"),
            ("2000-01-03", "2000-01-03"),
            ("2000-01-01", "1999-12-27"),
        ],
    )
    def test_it_is_the_one_of_the_instant_and_fourteen_hours(self, written: Any, monday: str) -> None:
        assert usable(old_record(weekStartDate=written)).monday == date.fromisoformat(monday)

    @given(zone=st.sampled_from(ZONES), week=st.integers(0, 1364))
    def test_every_zones_monday_is_that_monday(self, zone: str, week: int) -> None:
        monday = date(2000, 1, 3) + timedelta(weeks=week)
        local_midnight = datetime.combine(monday, time.min, tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(UTC)
        written = f"{local_midnight:%Y-%m-%dT%H:%M:%S}.000Z"

        assert usable(old_record(weekStartDate=written)).monday == monday

    def test_so_it_is_in_each_zone_all_year(self) -> None:
        for zone, week in itertools.product(ZONES, range(53)):
            monday = date(2025, 2, 24) + timedelta(weeks=week)
            written = datetime.combine(monday, time.min, tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(UTC).isoformat()
            assert usable(old_record(weekStartDate=written)).monday == monday

    def test_the_week_that_has_begun_anywhere_is_not_in_the_future(self) -> None:
        for now, written, fits in [
            ("2026-03-08T09:59:00+00:00", "2026-03-08T10:00:00.000Z", False),
            ("2026-03-08T10:00:00+00:00", "2026-03-08T10:00:00.000Z", True),
            ("2026-03-04T12:00:00+00:00", "2026-03-08T09:59:59.999Z", True),
        ]:
            judged = verdict(old_record(weekStartDate=written), OWNER, datetime.fromisoformat(now))
            assert isinstance(judged, LegacyCheckIn) == fits

    @pytest.mark.parametrize("written", ["2026-03-09T00:00:00.000Z", "2027-01-04", "2999-12-31", 4102444800000])
    def test_a_later_one_is_in_the_future(self, written: Any) -> None:
        assert reason_for(old_record(weekStartDate=written)) == "Its date is in the future."

    @pytest.mark.parametrize(
        "written",
        ["1999-12-31", "1999-12-31T23:00:00Z", "1999-12-27T00:00:00.000Z", "1970-01-01", 0, 1, -1, 1771200000],
    )
    def test_one_before_2000_is_left_out(self, written: Any) -> None:
        assert reason_for(old_record(weekStartDate=written)) == "Its date is before the year 2000."

    @pytest.mark.parametrize("written", [..., None])
    def test_a_record_without_a_date_is_left_out(self, written: Any) -> None:
        assert reason_for(old_record(weekStartDate=written)) == "It has no date."
        assert verdict(old_record(weekStartDate=written), OWNER, NOW).monday is None

    @pytest.mark.parametrize(
        "written",
        [
            "",
            "Monday",
            "2026-02-30",
            "2026-13-01",
            "0000-01-01",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59Z",
            "1771200000000",
            "Mon Feb 16 2026 00:00:00 GMT+0100",
            "2026-02-16T00:00:00.000Z" + "0" * 100,
            "2026-02-16\x00",
            "\ud800",
            "\uff12026-02-16",
            True,
            False,
            [],
            ["2026-02-16"],
            {},
            {"$date": 1771200000000},
            10**17,
            -(10**17),
            1e300,
            float("inf"),
            float("nan"),
            10**400,
        ],
    )
    def test_a_date_that_cannot_be_read_is_said_to_be_so(self, written: Any) -> None:
        judged = verdict(old_record(weekStartDate=written), OWNER, NOW)

        assert judged == UnusableRecord("mc20260216", None, "Its date cannot be read.")


class TestAnswers:
    @pytest.mark.parametrize("question", ["productive", "satisfied", "body", "care"])
    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            (..., "is missing."),
            (None, "is missing."),
            (0, "is 0; answers go from 1 to 10."),
            (11, "is 11; answers go from 1 to 10."),
            (-1, "is -1; answers go from 1 to 10."),
            (11.0, "is 11; answers go from 1 to 10."),
            (10**30, "is far off; answers go from 1 to 10."),
            (-1e300, "is far off; answers go from 1 to 10."),
            (7.5, "is not a whole number."),
            (float("inf"), "is not a whole number."),
            (float("nan"), "is not a whole number."),
            ("7", "is not a number."),
            ("", "is not a number."),
            (True, "is not a number."),
            ([7], "is not a number."),
            ({"value": 7}, "is not a number."),
        ],
    )
    def test_they_are_whole_numbers_from_one_to_ten(self, question: str, value: Any, reason: str) -> None:
        judged = verdict(old_record(**{question: value}), OWNER, NOW)

        assert judged == UnusableRecord("mc20260216", date(2026, 2, 16), f"The answer for “{question}” {reason}")

    def test_the_least_the_most_and_a_whole_fraction_are_fine(self) -> None:
        record = old_record(productive=1, satisfied=10, body=7.0, care=1.0)

        answers = usable(record).answers
        assert answers == (1, 10, 7, 1)
        assert [type(answer) for answer in answers] == [int] * 4


class TestSubmitted:
    @pytest.mark.parametrize(
        "written", [..., None, "", "soon", 7.5, True, [], "1999-12-31", "2026-03-05T12:00:01Z", 10**400]
    )
    def test_what_is_not_believable_is_nothing(self, written: Any) -> None:
        assert usable(old_record(submittedAt=written)).submitted_at is None

    @pytest.mark.parametrize(
        ("written", "instant"),
        [
            ("2026-02-17T08:00:00.250Z", datetime(2026, 2, 17, 8, 0, 0, 250_000, tzinfo=UTC)),
            ("2026-02-17T08:00:00+02:00", datetime(2026, 2, 17, 6, tzinfo=UTC)),
            (1771315200000, datetime(2026, 2, 17, 8, tzinfo=UTC)),
            ("2026-03-05T12:00:00Z", NOW),  # a clock that is ahead
        ],
    )
    def test_what_is_believable_is_kept(self, written: Any, instant: datetime) -> None:
        assert usable(old_record(submittedAt=written)).submitted_at == instant


class TestIds:
    @pytest.mark.parametrize(
        ("old_id", "kept"), [("mc1a2b3c", "mc1a2b3c"), ("ü x", "ü x"), ("x" * 200, "x" * 200), (7, "7"), (-7, "-7")]
    )
    def test_an_id_is_kept_as_it_is(self, old_id: Any, kept: str) -> None:
        assert usable(old_record(id=old_id)).legacy_id == kept

    @pytest.mark.parametrize("old_id", ["x" * 201, "nul\x00", "\ud800", "two\nlines", "\x1b[31m", "\u202e"])
    def test_one_that_cannot_be_kept_is_digested(self, old_id: str) -> None:
        first, other = usable(old_record(id=old_id)), usable(old_record(id=old_id, body=1))

        assert first.legacy_id == other.legacy_id
        assert first.legacy_id.startswith("sha256:")
        assert first.legacy_id != usable(old_record(id=old_id + "\n")).legacy_id

    @pytest.mark.parametrize("old_id", [..., None, "", True, 7.5, [], {}, 10**400])
    def test_without_one_the_content_is_the_id(self, old_id: Any) -> None:
        record = old_record(id=old_id)

        assert usable(record).legacy_id == usable(old_record(id=...)).legacy_id
        assert usable(record).legacy_id == usable({**dict(reversed(record.items())), "huCaresScore": 1}).legacy_id
        for name, value in {"weekStartDate": "2026-02-09", "submittedAt": None, "body": 5, "groupId": "g"}.items():
            assert usable({**record, name: value}).legacy_id != usable(record).legacy_id
