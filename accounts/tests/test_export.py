"""GET /users/export."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.personal_data import ROWS
from accounts.tests.builders import make_user, signed_in
from accounts.tests.lives import ENDPOINT, NAME, NOTE, TRACES, make_wilhelmina
from checkins.tests.builders import make_check_in
from groups.models import Group
from groups.tests.builders import make_group
from hucares.serializers import camelize
from hucares.tests.answers import data_of, refusal_of

URL = "/api/v1/users/export"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


def export_of(user: User) -> Any:
    return data_of(signed_in(user).get(URL))


def test_it_has_every_row_about_the_caller_column_by_column(alice: User, bob: User, porch: Group) -> None:
    wilhelmina = make_wilhelmina(porch, bob)

    document = export_of(wilhelmina)

    assert document.keys() == {"exportedAt", *(rows.key for rows in ROWS)}
    for rows in ROWS:
        expected = rows.about(wilhelmina).count()
        assert len(document[rows.key]) == expected, rows.key
        assert all(row.keys() == {camelize(name) for name in rows.shown} for row in document[rows.key])
    assert {key for key, rows in document.items() if not rows} == set()
    (account,) = document["account"]
    assert (account["username"], account["id"]) == (NAME, str(wilhelmina.pk))
    assert [row["huCaresScore"] for row in document["checkIns"]] == [12, 12, 12, 12]
    assert {row["reflectionNote"] for row in document["checkIns"]} == {NOTE, None}
    assert document["pushSubscriptions"][0]["endpoint"] == ENDPOINT
    for trace in TRACES:
        assert trace in str(document) or trace.replace("'", "\\'") in str(document)


def test_it_shows_ones_own_private_check_ins_and_nobody_elses_at_all(alice: User, bob: User, porch: Group) -> None:
    mine = make_check_in(alice, porch, is_private=True, reflection_note="Mine alone.", productive_score=10)
    his = make_check_in(bob, porch, reflection_note="His alone.", productive_score=3)

    document = export_of(alice)

    assert [row["id"] for row in document["checkIns"]] == [str(mine.pk)]
    assert document["checkIns"][0]["reflectionNote"] == "Mine alone."
    assert "His alone." not in str(document)
    (notification,) = document["notifications"]
    assert notification["data"]["checkInId"] == str(his.pk)
    assert "score" not in str(notification).lower()


def test_a_group_that_one_founded_and_left_keeps_its_secrets(alice: User, bob: User, porch: Group) -> None:
    data_of(signed_in(alice).post(f"/api/v1/groups/{porch.pk}/leave"))
    Group.objects.update(name="Renamed since")

    document = export_of(alice)

    (founded,) = document["groupsFounded"]
    assert founded.keys() == {"id", "createdAt"}
    assert "Renamed since" not in str(document)
    assert porch.access_code not in str(document)


def test_somebody_who_has_done_nothing_gets_a_short_one(db: None) -> None:
    document = export_of(make_user("dora"))

    assert {key for key, value in document.items() if value} == {"exportedAt", "account", "signIns"}


def test_it_costs_the_same_however_much_there_is(alice: User, bob: User, porch: Group) -> None:
    client = signed_in(alice)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            data_of(client.get(URL))
        return len(captured)

    make_check_in(alice, porch)
    statements()  # the first call of anybody is noted
    few = statements()
    for number in range(5):
        make_check_in(alice, make_group(alice, bob, name=f"Group {number}"))
    assert statements() == few


def test_without_credentials_it_is_refused(anonymous: APIClient) -> None:
    refusal_of(anonymous.get(URL), 401, "NOT_AUTHENTICATED")
