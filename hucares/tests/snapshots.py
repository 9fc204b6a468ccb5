"""The whole database as it stands, to be compared with how it stands later."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import connection

Snapshot = dict[str, set[str]]  # table → rows, each as a JSON object of its columns
Changes = dict[str, dict[str, list[dict[str, Any]]]]

# Counts of failures: a refusal is what they are for.
COUNTERS = {"failed_sign_ins"}


@cache
def statement() -> str:
    """Reads every row of every table, whoever made the table: (table, row as a JSON object)."""
    to_json = {"postgresql": "json_build_object", "sqlite": "json_object"}[connection.vendor]
    quoted = connection.ops.quote_name
    selects = []
    with connection.cursor() as cursor:
        for table in sorted({*connection.introspection.table_names(cursor)} - COUNTERS):
            columns = [one.name for one in connection.introspection.get_table_description(cursor, table)]
            pairs = ", ".join(f"'{column}', {quoted(column)}" for column in columns)
            selects.append(f"SELECT '{table}', CAST({to_json}({pairs}) AS text) FROM {quoted(table)}")
    return " UNION ALL ".join(selects)


def snapshot() -> Snapshot:
    """Every row of every table."""
    taken: Snapshot = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(statement())
        for table, row in cursor.fetchall():
            taken[table].add(row)
    return dict(taken)


def changes(before: Snapshot, after: Snapshot) -> Changes:
    """Table → the rows that are gone and those that are new, of every table that is not as it was.

    A row that was changed is gone as it was, and new as it is.
    """
    return {
        table: {
            "gone": decoded(before.get(table, set()) - after.get(table, set())),
            "new": decoded(after.get(table, set()) - before.get(table, set())),
        }
        for table in sorted(before.keys() | after.keys())
        if before.get(table) != after.get(table)
    }


def decoded(rows: Iterable[str]) -> list[dict[str, Any]]:
    """Rows as dicts, in an order of their own."""
    return [json.loads(row) for row in sorted(rows)]
