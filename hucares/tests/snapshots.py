"""The whole database as it stands, to be compared with how it stands later."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection

Snapshot = dict[str, frozenset[tuple[tuple[str, str], ...]]]  # table → rows, each as (column, value) pairs

# Counts of failures: a refusal is what they are for.
COUNTERS = {"failed_sign_ins"}


@cache
def columns_of_tables() -> dict[str, list[str]]:
    """Every table, whoever made it, with its columns."""
    with connection.cursor() as cursor:
        return {
            table: [column.name for column in connection.introspection.get_table_description(cursor, table)]
            for table in sorted(connection.introspection.table_names(cursor))
            if table not in COUNTERS
        }


def snapshot() -> Snapshot:
    """Every row of every table."""
    taken = {}
    with connection.cursor() as cursor:
        for table, columns in columns_of_tables().items():
            cursor.execute(f"SELECT {', '.join(map(connection.ops.quote_name, columns))} FROM {quoted(table)}")
            taken[table] = frozenset(tuple(zip(columns, map(str, row), strict=True)) for row in cursor.fetchall())
    return taken


def quoted(table: str) -> str:
    """A table's name as it is written in SQL."""
    return connection.ops.quote_name(table)


def changes(before: Snapshot, after: Snapshot) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Table → the rows that are gone and those that are new, of every table that is not as it was.

    A row that was changed is gone as it was, and new as it is.
    """
    return {
        table: {
            "gone": [dict(row) for row in before[table] - after[table]],
            "new": [dict(row) for row in after[table] - before[table]],
        }
        for table in before
        if before[table] != after[table]
    }
