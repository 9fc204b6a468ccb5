"""A group's frequency or zone changes: the open period is another from the next request, check-ins keep their own."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups import models as group_models
from groups.models import Group
from groups.tests.builders import make_group
from hucares.tests.answers import data_of, refusal_of

URL = "/api/v1/checkins"
SCORES = {"productive": 8, "satisfied": 7, "body": 6, "care": 9}
DAY = 24 * 3600


def submit(user: User, group: Group) -> Any:
    return signed_in(user).post(URL, {"groupId": str(group.pk), **SCORES})


def own_period(check_in: CheckIn) -> tuple[str, str, str]:
    check_in.refresh_from_db()
    return str(check_in.week_start_date), str(check_in.period_end), check_in.closes_at.isoformat()


@pytest.mark.parametrize(
    ("earlier", "later", "taken_on", "free_from"),
    [
        ("weekly", "daily", "2026-03-08T12:00:00Z", "2026-03-09T00:00:00Z"),
        ("biweekly", "daily", "2026-03-08T12:00:00Z", "2026-03-09T00:00:00Z"),
        ("daily", "weekly", "2026-03-08T12:00:00Z", "2026-03-09T00:00:00Z"),
        ("daily", "biweekly", "2026-03-08T23:59:59Z", "2026-03-09T00:00:00Z"),
        ("weekly", "biweekly", "2026-03-08T12:00:00Z", "2026-03-09T00:00:00Z"),
        ("biweekly", "weekly", "2026-03-08T12:00:00Z", "2026-03-09T00:00:00Z"),
    ],
)
def test_what_a_check_in_covers_is_taken_until_it_is_over(
    alice: User, earlier: str, later: str, taken_on: str, free_from: str
) -> None:
    group = make_group(alice, check_in_frequency=earlier)
    with time_machine.travel("2026-03-03T12:00:00Z", tick=False) as clock:
        first = make_check_in(alice, group)
        kept = own_period(first)
        Group.objects.update(check_in_frequency=later)

        clock.move_to(taken_on)
        error = refusal_of(submit(alice, group), 409, "DUPLICATE_CHECKIN")
        assert error["details"] == {"checkInId": str(first.pk)}
        clock.move_to(free_from)
        assert data_of(submit(alice, group), 201)["weekStartDate"] == "2026-03-09"
    assert own_period(first) == kept


def test_a_week_after_days_is_taken_by_the_last_of_them(alice: User) -> None:
    group = make_group(alice, check_in_frequency="daily")
    with time_machine.travel("2026-03-09T12:00:00Z", tick=False) as clock:
        days = [make_check_in(alice, group)]
        clock.shift(DAY)
        days.append(make_check_in(alice, group))
        Group.objects.update(check_in_frequency="weekly")
        clock.shift(DAY)

        error = refusal_of(submit(alice, group), 409, "DUPLICATE_CHECKIN")
        assert error["details"]["checkInId"] in {str(day.pk) for day in days}
        shown = data_of(signed_in(alice).get(f"{URL}/group/{group.pk}"))
    assert [row["id"] for row in shown] == [str(day.pk) for day in reversed(days)]


def test_a_zone_in_which_it_is_tomorrow_already_opens_the_next_day(alice: User) -> None:
    group = make_group(alice, check_in_frequency="daily", timezone="America/Los_Angeles")
    with time_machine.travel("2026-03-04T20:00:00Z", tick=False):  # noon there, the 5th on Kiritimati
        first = make_check_in(alice, group)
        Group.objects.update(timezone="Pacific/Kiritimati")

        assert data_of(submit(alice, group), 201)["weekStartDate"] == "2026-03-05"
    assert own_period(first) == ("2026-03-04", "2026-03-04", "2026-03-05T08:00:00+00:00")


def test_a_zone_in_which_it_is_yesterday_still_opens_the_day_before_once(alice: User) -> None:
    group = make_group(alice, check_in_frequency="daily", timezone="Pacific/Kiritimati")
    with time_machine.travel("2026-03-04T20:00:00Z", tick=False) as clock:
        first = make_check_in(alice, group)
        Group.objects.update(timezone="America/Los_Angeles")

        assert data_of(submit(alice, group), 201)["weekStartDate"] == "2026-03-04"
        clock.move_to("2026-03-05T20:00:00Z")  # the 5th comes a second time, and is taken
        error = refusal_of(submit(alice, group), 409, "DUPLICATE_CHECKIN")
        assert error["details"] == {"checkInId": str(first.pk)}


@pytest.mark.parametrize(
    ("zone", "later_zone", "last_instant"),
    [
        ("America/Los_Angeles", "Pacific/Kiritimati", "2026-03-09T06:59:59Z"),
        ("Pacific/Kiritimati", "America/Los_Angeles", "2026-03-08T09:59:59Z"),
    ],
)
def test_the_closing_time_it_was_made_with_decides_how_long_it_can_be_changed(
    alice: User, zone: str, later_zone: str, last_instant: str
) -> None:
    group = make_group(alice, timezone=zone)
    with time_machine.travel("2026-03-04T12:00:00Z", tick=False) as clock:
        check_in = make_check_in(alice, group)
        Group.objects.update(timezone=later_zone, check_in_frequency="daily")

        clock.move_to(last_instant)
        data_of(signed_in(alice).put(f"{URL}/{check_in.pk}", {"productive": 1}))
        clock.shift(1)
        refusal_of(signed_in(alice).put(f"{URL}/{check_in.pk}", {"productive": 2}), 422, "CHECKIN_WINDOW_CLOSED")


def test_the_members_list_shows_what_covers_a_day_of_the_period_asked_for(alice: User) -> None:
    group = make_group(alice, check_in_frequency="weekly")
    with time_machine.travel("2026-03-03T12:00:00Z", tick=False):
        check_in = make_check_in(alice, group)
        Group.objects.update(check_in_frequency="daily")
        client = signed_in(alice)
        for day, expected in (("2026-03-01", []), ("2026-03-02", [check_in]), ("2026-03-08", [check_in])):
            shown = data_of(client.get(f"{URL}/group/{group.pk}", {"period": day}))
            assert [row["id"] for row in shown] == [str(one.pk) for one in expected]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """How often the period of an instant is worked out for a group; it still is."""
    calls: list[Any] = []
    period_at = group_models.period_at

    def noted(*args: Any) -> Any:
        calls.append(args)
        return period_at(*args)

    monkeypatch.setattr(group_models, "period_at", noted)
    return calls


def calls_of(client: APIClient, group: Group) -> list[tuple[str, Any]]:
    """Requests that need the open period of one group."""
    return [
        ("a new group", lambda: client.post("/api/v1/groups", {"name": "Another"})),
        ("a group", lambda: client.get(f"/api/v1/groups/{group.pk}")),
        ("a check-in", lambda: client.post(URL, {"groupId": str(group.pk), **SCORES})),
        ("the group's check-ins", lambda: client.get(f"{URL}/group/{group.pk}")),
        ("the open period", lambda: client.get(f"{URL}/current", {"groupId": str(group.pk)})),
    ]


def test_a_request_works_out_the_open_period_once(alice: User, porch: Group, asked: list[Any]) -> None:
    for name, call in calls_of(signed_in(alice), porch):
        asked.clear()
        assert call().status_code in {200, 201}, name
        assert len(asked) == 1, name


def test_a_change_of_settings_works_it_out_anew(porch: Group) -> None:
    group = Group.objects.get()
    with time_machine.travel("2026-03-04T12:00:00Z", tick=False):
        assert str(group.current_period.end) == "2026-03-08"
        group.check_in_frequency = "daily"
        group.restart_periods()

        assert str(group.current_period.end) == "2026-03-04"
    assert group.period_closes_at is None
