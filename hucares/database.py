"""Small things with the database that Django leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, connection
from django.db.models import Field, JSONField, Model, QuerySet, UniqueConstraint

from hucares.encoding import encode


def violates(error: IntegrityError, model: type[Model], constraint: str) -> bool:
    """Whether `error` comes from this unique constraint of the model.

    PostgreSQL names the constraint; SQLite names the index of an expression, or the columns.
    """
    text = str(error)
    if constraint in text:
        return True
    declared = next(one for one in model._meta.constraints if one.name == constraint)
    if not isinstance(declared, UniqueConstraint) or not declared.fields:
        return False
    columns = (column_of(model, field) for field in declared.fields)
    return text.endswith(", ".join(f"{model._meta.db_table}.{column}" for column in columns))


def column_of(model: type[Model], name: str) -> str:
    """The name of a field's column."""
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    assert field.column, "a field of a constraint has a column"
    return field.column


def insert_rows(rows: Sequence[Model]) -> None:
    """Insert instances of one model by one statement, however many they are: they travel as one JSON parameter.

    Columns are written as the instances have them; a JSON column holds an object or a list. Nobody is told: no signal
    is sent.
    """
    if not rows:
        return
    model, quote = type(rows[0]), connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    values = [[prepared(field, getattr(row, field.attname)) for field in fields] for row in rows]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    cells, source = cells_and_source([str(field.db_type(connection)) for field in fields])
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) SELECT {cells} FROM {source}"  # noqa: S608  # names of ours
    with connection.cursor() as cursor:
        cursor.execute(statement, [encode(values).decode()])


def kept_until_commit(values: QuerySet[Any, Any]) -> list[Any]:
    """What a query for values finds, of rows that nobody can delete until the transaction ends: it may refer to them.

    Rows that are on their way out are left out, and not waited for; others may keep the same rows, or change them.
    """
    assert connection.in_atomic_block, "it holds until the transaction ends"
    if connection.vendor != "postgresql":  # SQLite has one writer at a time anyway
        return list(values)
    statement, parameters = values.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} FOR KEY SHARE SKIP LOCKED", parameters)
        return list(cursor.fetchall())


def prepared(field: Field[Any, Any], value: Any) -> Any:
    """A column's value as it travels; JSON is JSON already."""
    return value if isinstance(field, JSONField) else field.get_db_prep_save(value, connection)


def cells_and_source(types: list[str]) -> tuple[str, str]:
    """SQL that reads rows of these types out of a JSON parameter: an array of arrays."""
    if connection.vendor != "postgresql":
        return ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(types))), "json_each(%s)"
    # Without a type's length: a cast to it would cut a text off where an insert refuses it.
    casts = (f"(value ->> {place})::{name.partition('(')[0]}" for place, name in enumerate(types))
    return ", ".join(casts), "jsonb_array_elements(%s::jsonb) AS sent(value)"


def take_turns(name: str) -> None:
    """Wait until no other transaction is at what this name stands for; the others wait for the end of this one.

    For what has no row yet to lock. Take it before any row: nobody then waits in a circle.
    """
    assert connection.in_atomic_block, "it holds until the transaction ends"
    if connection.vendor == "postgresql":  # SQLite has one writer at a time anyway
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
