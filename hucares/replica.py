"""A copy of the database that is read, where `DATABASE_REPLICA_URL` names one: for figures, which may wait for it.

A copy runs behind. Whoever reads it says what it has to know already, and gets the database itself if it does not.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connections
from django.db.models import Model

REPLICA = "replica"
_reading: ContextVar[bool] = ContextVar("reading_replica", default=False)

R = TypeVar("R")

logger = logging.getLogger(__name__)


class ReplicaRouter:
    """Django's router: reads go to the copy inside `reading_replica`, everything else to the database."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """The copy, or no opinion."""
        return REPLICA if _reading.get() else None

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        """Rows of both are the same rows."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """A copy gets its tables from the database."""
        return False if db == REPLICA else None


@contextlib.contextmanager
def reading_replica() -> Iterator[None]:
    """Rows are read from the copy in this block."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def read(work_out: Callable[[], R], known: Iterable[Model]) -> R:
    """Work something out from the copy if there is one, and it has these rows with their `version` or a later one.

    Every change that could show bumps a version in its own transaction, and a copy only goes forward: what it has with
    that version has everything up to it. Else, and while the copy is away, it is worked out from the database.
    """
    if REPLICA in connections:
        try:
            with reading_replica():
                if all(is_known(row) for row in known):
                    return work_out()
        except (OperationalError, InterfaceError):
            logger.warning("The replica is away: figures are worked out from the database.")
    return work_out()


def is_known(row: Model) -> bool:
    """Whether the copy has this row at its version, or a later one."""
    found = type(row)._default_manager.filter(pk=row.pk, version__gte=row.version)  # type: ignore[attr-defined]
    return bool(found.exists())
