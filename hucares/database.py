"""Small questions to the database that Django leaves open."""

from __future__ import annotations

from django.db import IntegrityError
from django.db.models import Field, Model, UniqueConstraint


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
