"""A second database with the same tables, to which rows are carried when a test says so: a replica that waits."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connection, connections

COLUMNS = """
    SELECT table_name, string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
    WHERE table_schema = 'public' AND is_generated = 'NEVER' AND table_name <> 'django_migrations' GROUP BY table_name
"""


class Copy:
    """The second database, as the alias `replica`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def catch_up(self) -> None:
        """Have all rows that the first one has."""
        source, target = (raw(alias) for alias in ("default", "replica"))
        with source.cursor() as reading, target.cursor() as writing:
            writing.execute("SET session_replication_role = replica")
            tables = reading.execute(COLUMNS).fetchall()
            writing.execute(f"TRUNCATE {', '.join(table for table, _ in tables)}")
            for table, columns in tables:
                with (
                    reading.copy(f"COPY {table} ({columns}) TO STDOUT") as out,
                    writing.copy(f"COPY {table} ({columns}) FROM STDIN") as into,
                ):
                    for block in out:
                        into.write(block)

    def cut_off(self) -> None:
        """Go away."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self.name])


def raw(alias: str) -> Any:
    """The driver's connection."""
    return connections[alias].connection


@contextmanager
def copy_of_the_database() -> Iterator[Copy]:
    """An empty one, with the tables that migrations make."""
    name = f"replica_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connections.settings["replica"] = {**connections.settings["default"], "NAME": name}
    connections["replica"].connect()  # Django's tests would forbid it later, to a database that came after them
    try:
        call_command("migrate", database="replica", verbosity=0)
        yield Copy(name)
    finally:
        connections["replica"].close()
        del connections["replica"]
        del connections.settings["replica"]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
