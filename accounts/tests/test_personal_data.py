"""The registry of personal data against the models: nothing that is stored about a person may be missing from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from accounts.models import User
from accounts.personal_data import OTHERS, ROWS, PersonalRows, register_rows

Column = models.ForeignKey[Any, Any]


def columns_naming(model: type[models.Model]) -> Iterator[Column]:
    """Every foreign key of any table, also of Django's own, that leads to a model."""
    for table in apps.get_models(include_auto_created=True):
        for field in table._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is model:
                yield field


def going_with(model: type[models.Model]) -> Iterator[Column]:
    """The foreign keys by which rows go with a row of this model, and those by which rows go with them, and so on."""
    for column in columns_naming(model):
        if column.remote_field.on_delete is models.CASCADE:
            yield column
            yield from going_with(column.model)


def label(column: Column) -> str:
    return f"{column.model._meta.label}.{column.name}"


def owner_column(rows: PersonalRows) -> str:
    """The column of the table that leads to the person, perhaps by way of another table."""
    return f"{rows.model._meta.label}.{rows.owner.split('__')[0]}"


def columns_of(rows: PersonalRows) -> set[str]:
    """The columns of the table, but the one that says whose row it is."""
    fields = rows.model._meta.concrete_fields
    return {field.attname for field in fields if field.name != rows.owner or field.primary_key}


KNOWN = {owner_column(rows) for rows in ROWS} | set(OTHERS)


def test_every_column_that_names_a_person_is_registered_or_left_out_with_a_reason() -> None:
    naming = {label(column) for column in columns_naming(User)}

    assert len(naming) >= 10
    assert naming - KNOWN == set()
    assert all(OTHERS.values())


def test_so_is_every_table_whose_rows_go_with_a_person() -> None:
    going = {label(column) for column in going_with(User)}

    assert "groups.MembershipSpan.membership" in going  # by way of another table
    assert going - KNOWN == set()


@pytest.mark.parametrize("rows", ROWS, ids=[rows.key for rows in ROWS])
def test_every_column_is_shown_or_withheld_with_a_reason(rows: PersonalRows) -> None:
    shown, withheld = set(rows.shown), set(rows.withheld)

    assert not shown & withheld
    assert columns_of(rows) - shown - withheld == set()
    assert (shown | withheld) - columns_of(rows) == set()
    assert all(rows.withheld.values())


def test_no_hash_and_no_key_is_shown() -> None:
    shown = {f"{rows.key}.{name}" for rows in ROWS for name in rows.shown}

    assert not [name for name in shown if name.endswith(("password", "hash", "_token", "auth", "p256dh"))]


def test_a_key_of_the_document_is_taken_once() -> None:
    with pytest.raises(ValueError, match="account"):
        register_rows("account", User, owner="id", shown=())
    assert [rows.key for rows in ROWS].count("account") == 1
