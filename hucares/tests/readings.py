"""Every way to read something: each GET of the matrix, and again with each parameter that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hucares.tests.matrix import ROWS, Row, first_rows, is_write
from hucares.tests.openapi import by_shape

# What is asked for in a list, by the name of the parameter: none, one or several values to try.
QUERIES: dict[str, tuple[str, ...]] = {
    "epoch": (),
    "from": ("2026-01-01",),
    "groupId": ("{group}",),
    "limit": ("100",),
    "page": (),
    "period": ("2026-03-04", "2026-02-25"),
    "q": ("plain",),
    "since": ("1",),
    "to": ("2026-12-31",),
    "userId": ("{plain}",),
    "weeks": ("4",),
}


def readings() -> Iterator[Row]:
    """Every GET, and again with each parameter that its list takes."""
    yield from (row for row in ROWS if not is_write(row.call))
    for shape, row in first_rows().items():
        parameters = () if is_write(shape) else by_shape()[shape].get("parameters", ())
        for parameter in parameters:
            if parameter["in"] == "query":
                for value in values_of(parameter):
                    yield Row(f"{row.call.partition('?')[0]}?{parameter['name']}={value}", row.cells)


def values_of(parameter: dict[str, Any]) -> tuple[str, ...]:
    """What to try for a parameter of the document: everything that may be chosen, or what stands in `QUERIES`."""
    schema = parameter["schema"]
    chosen = schema.get("enum") or schema.get("items", {}).get("enum")
    if schema.get("type") == "boolean":
        return ("true", "false")
    return tuple(chosen) if chosen else QUERIES[parameter["name"]]
