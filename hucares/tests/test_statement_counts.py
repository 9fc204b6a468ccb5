"""A list takes as many statements for many rows as for one, whoever and whatever they are about; so do figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.tests.builders import make_session, make_user, signed_in
from checkins.tests.builders import make_check_in
from groups.tests.builders import make_group
from hucares.tests.answers import data_of
from hucares.tests.cast import World
from hucares.tests.forgetting import forget_figures
from hucares.tests.matrix import filled, first_rows, is_write
from hucares.tests.openapi import by_shape, list_in

MANY = 6
# Where the first row of the matrix would find too few.
CALLS = {"GET /users/search": "GET /users/search?q=friend"}

figures = [shape for shape in by_shape() if shape.startswith("GET /analytics/")]
lists = [
    shape
    for shape, operation in by_shape().items()
    if not is_write(shape) and shape not in figures and list_in(operation) is not None
]


def make_crowd(world: World) -> User:
    """Somebody who has many of everything: friends, groups, weeks, sign-ins, notifications."""
    busy = world.people["admin"]
    for number in range(MANY):
        friend = make_user(f"friend_{number}", privacy_settings={"profile": "public"})
        group = make_group(friend, busy, name=f"Circle {number}", is_private=False)
        with time_machine.travel(timezone.now() - timedelta(weeks=number + 1), tick=False):
            make_check_in(busy, group)
        make_check_in(friend, group)
        make_session(busy)
    return busy


def make_loner() -> User:
    """Somebody with one group, and one sign-in while nobody else signs them in."""
    loner = make_user("loner")
    make_group(loner, name="A Group of One")
    return loner


def measured(user: User, path: str, where: str) -> tuple[int, int]:
    """(rows, statements) of a list, asked for a second time."""
    client = signed_in(user)
    client.get(path)
    forget_figures()
    with CaptureQueriesContext(connection) as captured:
        data: Any = data_of(client.get(path))
    return len(data[where] if where else data), len(captured)


@pytest.mark.parametrize("shape", lists)
def test_many_rows_take_as_many_statements_as_one(world: World, shape: str) -> None:
    busy = make_crowd(world)
    _, _, path = filled(CALLS.get(shape, first_rows()[shape].call), world.words("admin", "porch")).partition(" ")
    path = f"/api/v1{path}{'&' if '?' in path else '?'}"
    names = {parameter["name"] for parameter in by_shape()[shape].get("parameters", ())}
    where = list_in(by_shape()[shape]) or ""

    if "limit" in names:
        one, many = measured(busy, f"{path}limit=1", where), measured(busy, f"{path}limit=100", where)
    else:
        one, many = measured(make_loner(), path, where), measured(busy, path, where)

    assert one[0] == 1
    assert many[0] >= MANY
    assert one[1] == many[1]


@pytest.mark.parametrize("shape", figures)
def test_figures_over_many_weeks_groups_and_people_take_as_many_statements_as_over_few(
    world: World, shape: str
) -> None:
    path = f"/api/v1{figures_path(shape, world)}"
    loner = make_loner()
    of_few = path.replace(str(world.groups["porch"].pk), str(loner.memberships.get().group_id))
    few, many = measured(loner, f"{of_few}?weeks=1", ""), measured(make_crowd(world), f"{path}?weeks=104", "")

    assert many[1] == few[1]


def figures_path(shape: str, world: World) -> str:
    """The path below `/api/v1` that asks for the porch's figures, or those of a person in it."""
    return str(filled(first_rows()[shape].call, world.words("admin", "porch")).partition(" ")[2])


def test_what_is_remembered_takes_only_the_statements_that_tell_whether_it_still_holds(world: World) -> None:
    client = signed_in(make_crowd(world))
    for shape in figures:
        path = f"/api/v1{figures_path(shape, world)}"
        with CaptureQueriesContext(connection) as first:
            answer = data_of(client.get(path))
        with CaptureQueriesContext(connection) as second:
            assert data_of(client.get(path)) == answer
        assert len(second) <= 2 < len(first), shape
        assert not [query for query in second.captured_queries if 'FROM "check_ins"' in query["sql"]]


def test_the_lists_are_found() -> None:
    assert {"GET /groups", "GET /auth/sessions", "GET /groups/{}/events", "GET /checkins/current"} <= set(lists)
