"""What must change in a database that has been put back: apps register it in `ready()`.

Clients, caches and browsers remember what came after the moment of the backup. It is changed with the restored rows,
in the same transaction, so that nobody ever sees these without it.
"""

from __future__ import annotations

from collections.abc import Callable

Statement = Callable[[], str]
STATEMENTS: dict[str, Statement] = {}


def register_afterwards(name: str, statement: Statement) -> None:
    """Have an SQL statement run on what is restored; it is asked for anew each time.

    It is one that PostgreSQL and SQLite both understand; `gen_random_uuid()` is there in both.
    """
    if name in STATEMENTS:
        raise ValueError(f"something named {name} is done after a restore already")
    STATEMENTS[name] = statement


def statements() -> list[str]:
    """What is to be run now."""
    return [statement() for statement in STATEMENTS.values()]
