"""PostgreSQL's side of a backup: `pg_dump` and `pg_restore`, and what a database holds."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import psycopg
from django.db import connections
from django.db.backends.postgresql.client import DatabaseClient
from psycopg import sql

from hucares.backups.errors import BackupError
from hucares.backups.manifest import Table, Tables
from hucares.backups.programs import complaint, postgres_program, run

FILE = "database.dump"
FOR_DJANGO = {"context", "cursor_factory", "prepare_threshold", "pool"}  # what its connections have beside the place
LOCK_SECONDS = 30  # that a restore waits for others to let go of the tables

# Rows as texts must not depend on who reads them.
READING = """
    SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres';
    SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = 'hex'
"""
# The order of rows does not matter, and memory stays small however many there are: half of each row's MD5, added up.
CONTENT = "SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 16))::bit(64)::bigint::numeric), 0)::text FROM {} t"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
START_ANEW = f"""
    SET client_min_messages = warning; SET lock_timeout = '{LOCK_SECONDS}s';
    BEGIN; DROP SCHEMA public CASCADE; CREATE SCHEMA public;
"""
BY_NAME = "SET search_path = public"  # which pg_restore empties


class Postgres:
    """The database that the settings name, or another one beside it."""

    name, file = "postgresql", FILE

    def __init__(self, database: str | None = None) -> None:
        self.settings = {**connections["default"].settings_dict}
        if database is not None:
            self.settings["NAME"] = database
        (_, *self.arguments, self.database), environment = DatabaseClient.settings_to_cmd_args_env(self.settings, [])
        self.environment = environment or {}

    @contextlib.contextmanager
    def connected(self, **options: Any) -> Iterator[psycopg.Connection]:
        """A connection of our own. Raises `BackupError` if there is none to be had."""
        # What Django adds is for its own cursors; the rest says where the server is, and who we are.
        known = connections["default"].get_connection_params()
        place: dict[str, Any] = {name: value for name, value in known.items() if name not in FOR_DJANGO}
        try:
            connection = psycopg.connect(**{**place, "dbname": self.database}, **options)
        except psycopg.OperationalError:
            raise BackupError(f"The database {self.database} cannot be reached.") from None
        with contextlib.closing(connection):
            yield connection

    def server(self) -> str:
        """The server's version."""
        with self.connected() as connection:
            return f"PostgreSQL {connection.info.server_version // 10000}.{connection.info.server_version % 10000}"

    def program(self, name: str) -> str:
        """One of PostgreSQL's programs, of the server's version. Raises `BackupError`."""
        with self.connected() as connection:
            return postgres_program(name, connection.info.server_version // 10000)

    def dump(self, path: Path) -> Tables:
        """Write everything to a file, and tell what it is: both of the very same moment, while others write on."""
        program = self.program("pg_dump")
        with self.connected() as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            row = connection.execute("SELECT pg_export_snapshot()").fetchone()
            assert row is not None
            how = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={row[0]}", f"--file={path}"]
            run([program, *self.arguments, *how, self.database], environment=self.environment)
            return tables_in(connection)

    def is_empty(self) -> bool:
        """Whether there are no tables yet."""
        with self.connected() as connection:
            return connection.execute(TABLES).fetchone() is None

    def restore(self, path: Path, afterwards: Sequence[str] = ()) -> None:
        """Put what a file holds into the place of all that is there, and run these statements: all or nothing.

        Raises `BackupError`, and nothing has changed.
        """
        pg_restore, how = self.program("pg_restore"), ["--no-owner", "--no-privileges", "--exit-on-error", "--file=-"]
        with self.psql() as script:
            script.write(START_ANEW.encode())
            script.flush()
            run([pg_restore, *how, path], stdout=script)
            script.write("".join(f"{one};\n" for one in (BY_NAME, *afterwards, "COMMIT")).encode())

    @contextlib.contextmanager
    def psql(self) -> Iterator[IO[bytes]]:
        """What is written is run. Raises `BackupError`; what has not been committed by then is undone."""
        quiet = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
        command = [self.program("psql"), *self.arguments, *quiet, self.database]
        environment = {**os.environ, **self.environment}
        problem: BackupError | None = None
        with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdin is not None
            try:
                yield process.stdin
            except BrokenPipeError:
                pass  # it has ended, and says why
            except BackupError as error:
                problem = error
            _, said = process.communicate()
        if process.returncode:
            raise BackupError(complaint("psql", process.returncode, said))
        if problem is not None:
            raise problem

    def content_of(self, path: Path) -> Tables:
        """What a file holds, by restoring it into a database that is there for that alone. Raises `BackupError`."""
        with self.scratch() as scratch:
            scratch.restore(path)
            with scratch.connected() as connection:
                return tables_in(connection)

    def content(self) -> Tables:
        """What the database holds now."""
        with self.connected() as connection:
            return tables_in(connection)

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Postgres]:
        """A database of its own on the same server, gone afterwards. Raises `BackupError`."""
        name = f"hucares_verify_{secrets.token_hex(4)}"
        with self.connected(autocommit=True) as connection:
            try:
                connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
            except psycopg.Error as error:
                raise BackupError(
                    f"A database to try the backup in cannot be made: {error.diag.message_primary}."
                ) from None
            try:
                yield Postgres(name)
            finally:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def tables_in(connection: psycopg.Connection) -> Tables:
    """Every table with what it holds, as the connection's transaction sees it."""
    connection.execute(READING)
    found = {}
    for (name,) in connection.execute(TABLES).fetchall():
        row = connection.execute(sql.SQL(CONTENT).format(sql.Identifier(name))).fetchone()
        assert row is not None
        found[name] = Table(*row)
    return found
