"""Work that waits in rows, for several workers: whoever takes a row up has it for a while, and nobody else meanwhile.

Such a row has `due_at`, when to take it up next, and `attempts`, how often it was taken up so far. A worker that dies
says nothing more, so its row is due again when its lease is over.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Min, Model, QuerySet

M = TypeVar("M", bound=Model)


def first_due(rows: QuerySet[M], now: datetime) -> M | None:
    """Of these rows the one that has been due longest, if any is."""
    return rows.filter(due_at__lte=now).order_by("due_at").first()


def take_up(row: Any, rows: QuerySet[M], now: datetime, lease: timedelta) -> M | None:
    """Take a row away from other workers, in one statement. None if one of them was quicker, or it has gone.

    It is read again, from `rows`: until it was taken up, something may have been added to it.
    """
    found = rows.model._base_manager.filter(pk=row.pk, attempts=row.attempts, due_at=row.due_at)
    if not found.update(attempts=row.attempts + 1, due_at=now + lease):
        return None
    return rows.filter(pk=row.pk, attempts=row.attempts + 1).first()


def count_due(rows: QuerySet[M], now: datetime) -> int:
    """How many rows wait for somebody to take them up."""
    return rows.filter(due_at__lte=now).count()


def longest_due(rows: QuerySet[M], now: datetime) -> float:
    """For how many seconds the one that has been due longest has; 0 if none is."""
    since: datetime | None = rows.filter(due_at__lte=now).aggregate(since=Min("due_at"))["since"]
    return (now - since).total_seconds() if since else 0.0


def held(row: M) -> QuerySet[M]:
    """A row that was taken up, to be changed or deleted; nothing if another worker has taken it up since."""
    rows: QuerySet[M] = type(row)._base_manager.filter(pk=row.pk, attempts=row.attempts)  # type: ignore[attr-defined]
    return rows


def put_back(row: Any, until: datetime) -> None:
    """Leave a row for later, as if it had not been taken up."""
    held(row).update(due_at=until, attempts=row.attempts - 1)
