"""What the document does not say that a body may hold changes nothing: it might as well not have been sent."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from hucares.serializers import camelize
from hucares.tests.cast import World, credentials
from hucares.tests.loaded_dice import loaded_dice
from hucares.tests.matrix import ADMINS, ROWS, Row, ask, filled, first_rows, is_write
from hucares.tests.openapi import body_schema, by_shape, data_schema, property_names, resolved, success_of
from hucares.tests.snapshots import Snapshot, changes, snapshot

# Members of a body in which anything may stand.
FREE = {"data"}
# Each is sent under every name; `{second_admin}` is somebody's id.
HOSTILE: list[Any] = [True, False, 7, "admin", "{second_admin}", None]


def takes_json(row: Row) -> bool:
    """Whether a body may be sent with it: JSON is read where no body is described, too."""
    return "application/json" in by_shape()[row.shape].get("requestBody", {}).get("content", {"application/json": {}})


# The first row of each operation, and what another one has as a part of its body.
rows = [row for row in first_rows().values() if is_write(row.call) and takes_json(row)]
rows += [row for row in ROWS if row.body == {"permissions": {"canKick": True}}]


@cache
def every_name() -> frozenset[str]:
    """Every property of every answer, every column and relation of every model, and each of these in camelCase."""
    names = {name for operation in by_shape().values() for name in property_names(data_schema(operation))}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            names |= {field.name, getattr(field, "attname", field.name), getattr(field, "column", None) or field.name}
    return frozenset(names | {camelize(name) for name in names} | {"pk", "user", "caller", "__class__", "_state"})


def with_more(body: dict[str, Any], schema: dict[str, Any], value: Any) -> dict[str, Any]:
    """The body, and in it and in each object in it everything that its schema does not name."""
    known = resolved(schema).get("properties", {})
    inner = {
        name: with_more(part, known[name], value) if isinstance(part, dict) and name not in FREE else part
        for name, part in body.items()
    }
    return {**dict.fromkeys(every_name() - known.keys(), value), **inner}


def effect(world: World, row: Row, body: dict[str, Any] | None) -> tuple[bytes, Snapshot]:
    """What a call is answered, and the whole database after it; it is undone again."""
    operation = by_shape()[row.shape]
    words, headers = world.words(row.entitled, row.at), credentials(world, row.entitled)
    with transaction.atomic(), loaded_dice():
        response = ask(row.call, body, words, **headers)
        assert response.status_code == success_of(operation), response.content
        after = snapshot()
        transaction.set_rollback(True)
    return response.content, after


@pytest.mark.parametrize("row", rows, ids=lambda row: row.title)
def test_what_a_body_may_not_hold_has_no_effect(world: World, row: Row) -> None:
    right = row.body or {}
    answer, after = effect(world, row, right)

    for value in HOSTILE:
        hostile = with_more(
            right, body_schema(by_shape()[row.shape]) or {}, filled(value, world.words("admin", row.at))
        )
        hostile_answer, hostile_after = effect(world, row, hostile)
        assert (value, changes(after, hostile_after)) == (value, {})
        assert hostile_answer == answer


def test_there_is_something_to_send() -> None:
    assert every_name() >= {"isStaff", "is_superuser", "created_by_id", "memberCount", "emailVerified", "userId"}
    described = {shape for shape, operation in by_shape().items() if body_schema(operation) is not None}
    assert {row.shape for row in rows} >= described


def test_what_a_body_may_hold_would_be_noticed(world: World) -> None:
    row = Row("PUT /groups/{group}", ADMINS, {"name": "The Shed"})
    _, after = effect(world, row, row.body)
    _, with_one_more = effect(world, row, {"name": "The Shed", "maxMembers": 77})

    assert changes(after, with_one_more).keys() == {"groups", "group_events"}
