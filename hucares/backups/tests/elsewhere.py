"""An empty database beside the test's own."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from typing import Any

from django.db import connection, connections

from hucares.backups import archive
from hucares.backups.postgres import Postgres


@contextlib.contextmanager
def elsewhere() -> Iterator[None]:
    """For backups it is the database of the settings, as long as this lasts."""
    with contextlib.ExitStack() as stack:
        if connection.vendor == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            name = f"{folder}/restored.sqlite3"
        else:
            name = stack.enter_context(Postgres().scratch()).database
        settings = connections["default"].settings_dict
        stack.callback(settings.__setitem__, "NAME", settings["NAME"])
        settings["NAME"] = name
        yield


def rows_of(statement: str) -> list[Any]:
    """The rows of a statement, in whatever database the settings name now."""
    database = archive.engine()
    if isinstance(database, Postgres):
        with database.connected() as server:
            return server.execute(statement).fetchall()
    with contextlib.closing(sqlite3.connect(database.path)) as file:
        return file.execute(statement).fetchall()
