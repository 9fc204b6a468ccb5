"""GET /checkins/current."""

from __future__ import annotations

from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.tests.builders import make_check_in
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group
from hucares.tests.answers import data_of, refusal_of, refused_fields

URL = "/api/v1/checkins/current"


@time_machine.travel("2026-03-04T12:00:00Z", tick=False)
def test_each_group_has_its_open_period_and_the_callers_check_in(alice: User, bob: User, porch: Group) -> None:
    daily = make_group(alice, name="Daily", check_in_frequency="daily", timezone="Pacific/Kiritimati")
    mine = make_check_in(alice, porch)
    make_check_in(bob, porch)

    first, second = data_of(signed_in(alice).get(URL))

    assert first == {
        "groupId": str(daily.pk),
        "periodStart": "2026-03-05",
        "periodEnd": "2026-03-05",
        "endsAt": "2026-03-05T10:00:00Z",
        "checkIn": None,
    }
    check_in = second.pop("checkIn")
    assert (check_in["id"], check_in["huCaresScore"], check_in["hidden"]) == (str(mine.pk), 12, False)
    assert second == {
        "groupId": str(porch.pk),
        "periodStart": "2026-03-02",
        "periodEnd": "2026-03-08",
        "endsAt": "2026-03-09T00:00:00Z",
    }


def test_a_check_in_of_the_period_before_does_not_count(alice: User, porch: Group) -> None:
    with time_machine.travel("2026-03-08T23:59:59Z", tick=False) as clock:
        make_check_in(alice, porch)
        clock.shift(1)
        assert data_of(signed_in(alice).get(URL))[0]["checkIn"] is None


def test_a_check_in_that_takes_the_period_after_a_change_of_frequency_is_shown(alice: User, porch: Group) -> None:
    with time_machine.travel("2026-03-03T12:00:00Z", tick=False) as clock:
        mine = make_check_in(alice, porch)
        Group.objects.update(check_in_frequency="daily")
        clock.shift(24 * 3600)
        row = data_of(signed_in(alice).get(URL))[0]

    assert (row["periodStart"], row["checkIn"]["id"]) == ("2026-03-04", str(mine.pk))


def test_it_is_narrowed_to_one_group(alice: User, porch: Group) -> None:
    make_group(alice, name="The Garden")

    rows = data_of(signed_in(alice).get(URL, {"groupId": str(porch.pk)}))
    assert [row["groupId"] for row in rows] == [str(porch.pk)]


def test_without_groups_there_is_nothing(charlie: User) -> None:
    assert data_of(signed_in(charlie).get(URL)) == []


def test_groups_that_one_has_left_and_archived_ones_are_not_in_it(alice: User, bob: User, porch: Group) -> None:
    Membership.objects.filter(user=bob).update(status=Status.INACTIVE)
    assert data_of(signed_in(bob).get(URL)) == []

    Group.objects.update(is_active=False)
    assert data_of(signed_in(alice).get(URL)) == []


def test_a_group_of_others_is_not_found(charlie: User, porch: Group) -> None:
    client = signed_in(charlie)

    outside = refusal_of(client.get(URL, {"groupId": str(porch.pk)}), 404, "NOT_FOUND")
    assert outside == refusal_of(client.get(URL, {"groupId": str(uuid4())}), 404, "NOT_FOUND")


@pytest.mark.parametrize("value", ["porch", "7", "\x00"])
def test_what_is_no_id_is_refused(alice: User, value: str) -> None:
    assert refused_fields(signed_in(alice).get(URL, {"groupId": value})) == {"groupId"}


def test_more_groups_take_no_more_statements(alice: User) -> None:
    client = signed_in(alice)
    statements = []
    for number in range(12):
        make_check_in(alice, make_group(alice, name=f"Group {number}"))
        if number in {1, 11}:
            client.get(URL)
            with CaptureQueriesContext(connection) as captured:
                assert len(data_of(client.get(URL))) == number + 1
            statements.append(len(captured))

    assert statements[0] == statements[1]


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    refusal_of(anonymous.get(URL), 401, "NOT_AUTHENTICATED")
