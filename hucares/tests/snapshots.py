"""The whole database as it stands, to be compared with how it stands later."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import AutoField

Snapshot = dict[str, Counter[str]]  # table → rows, each as a JSON object of its columns, and how often it is there
Changes = dict[str, dict[str, list[dict[str, Any]]]]

# Counts of failures: a refusal is what they are for.
COUNTERS = {"failed_sign_ins"}


def numbered() -> set[tuple[str, str]]:
    """(table, column) of each running number. They say nothing, and what is rolled back does not give them back."""
    models = apps.get_models(include_auto_created=True)
    keys = [(model._meta.db_table, model._meta.pk) for model in models]
    return {(table, key.column) for table, key in keys if isinstance(key, AutoField)}


@cache
def statement() -> str:
    """Reads every row of every table, whoever made the table: (table, row as a JSON object without its number)."""
    to_json = {"postgresql": "json_build_object", "sqlite": "json_object"}[connection.vendor]
    quoted = connection.ops.quote_name
    selects, numbers = [], numbered()
    with connection.cursor() as cursor:
        for table in sorted({*connection.introspection.table_names(cursor)} - COUNTERS):
            columns = [one.name for one in connection.introspection.get_table_description(cursor, table)]
            told = [column for column in columns if (table, column) not in numbers]
            pairs = ", ".join(f"'{column}', {quoted(column)}" for column in told)
            selects.append(f"SELECT '{table}', CAST({to_json}({pairs}) AS text) FROM {quoted(table)}")
    return " UNION ALL ".join(selects)


def snapshot() -> Snapshot:
    """Every row of every table."""
    taken: Snapshot = defaultdict(Counter)
    with connection.cursor() as cursor:
        cursor.execute(statement())
        for table, row in cursor.fetchall():
            taken[table][row] += 1
    return dict(taken)


def changes(before: Snapshot, after: Snapshot) -> Changes:
    """Table → the rows that are gone and those that are new, of every table that is not as it was.

    A row that was changed is gone as it was, and new as it is.
    """
    return {
        table: {
            "gone": decoded(before.get(table, Counter()) - after.get(table, Counter())),
            "new": decoded(after.get(table, Counter()) - before.get(table, Counter())),
        }
        for table in sorted(before.keys() | after.keys())
        if before.get(table) != after.get(table)
    }


def decoded(rows: Counter[str]) -> list[dict[str, Any]]:
    """Rows as dicts, in an order of their own."""
    return [json.loads(row) for row in sorted(rows.elements())]
