"""Keeps tables to their limits: apps register in `ready()` which of their rows nobody needs any more.

The worker removes them, and so does `manage.py prune`; a batch at a time, so that no lock is held for long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from hucares.worker import register_job

BATCH = 500  # rows
PAUSE_SECONDS = 3600.0

Rows = Callable[[], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Pruning:
    """One kind of rows. `rows` gives those that may go by now; `kept` says, for people, how long the others stay."""

    name: str
    kept: str
    rows: Rows

    def count(self) -> int:
        """How many rows may go."""
        return self.rows().count()

    def remove_batch(self) -> int:
        """Remove at most a batch of rows; how many these were. Fewer than `BATCH`: there are no more.

        They are locked first: what another worker is removing is passed by, and what somebody is just making
        use of again no longer counts once its lock is free.
        """
        with transaction.atomic():
            rows = self.rows().select_for_update(skip_locked=True)
            keys = list(rows.values_list("pk", flat=True)[:BATCH])
            model: type[Model] = rows.model
            model._default_manager.filter(pk__in=keys).delete()
        return len(keys)

    def run(self) -> bool:
        """The worker's job: a batch. Whether there is more."""
        return self.remove_batch() == BATCH


PRUNINGS: dict[str, Pruning] = {}


def register_pruning(name: str, *, kept: str, rows: Rows) -> None:
    """Have the rows of this queryset removed, now and then. For `AppConfig.ready()`."""
    if name in PRUNINGS:
        raise ValueError(f"{name} are pruned already")
    pruning = PRUNINGS[name] = Pruning(name, kept, rows)
    register_job(f"prune {name}", seconds=PAUSE_SECONDS, run=pruning.run)


def days(count: int) -> str:
    """`30` → `30 days`."""
    return "1 day" if count == 1 else f"{count} days"
