"""Figures that nobody counts: how things stand, read when Prometheus asks. The same from whichever process answers.

Apps register them in `ready()`. They must be cheap, for they are asked for several times a minute: a count over an
index, a look into a folder.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import DatabaseError
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

logger = logging.getLogger(__name__)

Read = Callable[[], float | None]


@dataclass(frozen=True, slots=True)
class State:
    """One figure; `read` returns None when there is nothing to tell."""

    name: str
    documentation: str
    read: Read
    in_database: bool


STATES: dict[str, State] = {}


def register_state(name: str, documentation: str, read: Read, *, in_database: bool = True) -> None:
    """Have a figure read whenever the figures are asked for; `in_database` says that it comes from there."""
    if name in STATES:
        raise ValueError(f"there is a figure named {name} already")
    STATES[name] = State(name, documentation, read, in_database)


class States(Collector):
    """All of them. While the database is away, those that it knows are left out: it is asked once, not for each."""

    def collect(self) -> Iterable[Metric]:
        """The figures as they are now."""
        is_away = False
        for state in STATES.values():
            if is_away and state.in_database:
                continue
            try:
                value = state.read()
            except (DatabaseError, OSError) as error:
                is_away = is_away or isinstance(error, DatabaseError)
                logger.warning("The figure %s cannot be read.", state.name)
            else:
                if value is not None:
                    yield GaugeMetricFamily(state.name, state.documentation, value)
