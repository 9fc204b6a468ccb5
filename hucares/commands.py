"""What our management commands have in common: options of one name and meaning, tables, and how far the work is.

A report is lines for people, or with `--json` one JSON object; either goes to stdout, everything else to stderr.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, Self

from django.core.management.base import CommandParser

from hucares.encoding import encode

STEP_SECONDS = 0.2


class Output(Protocol):
    """What a command writes to."""

    def write(self, msg: str, style_func: Any = None, ending: str | None = None) -> Any:
        """Write a line, or something that goes on."""

    def isatty(self) -> bool:
        """Whether somebody watches."""


def add_json(parser: CommandParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="write the report as one JSON object")


def add_dry_run(parser: Any, what: str) -> None:
    """`--dry-run`; `what` says what it tells."""
    parser.add_argument("--dry-run", action="store_true", help=f"{what}, and change nothing")


def as_json(document: dict[str, Any]) -> str:
    """A report for machines."""
    return encode(document).decode()


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Columns side by side: texts to the left, numbers to the right. No lines if there are no rows."""
    cells = [list(row) for row in rows]
    if not cells:
        return []
    numeric = [all(isinstance(row[index], (int, float)) for row in cells) for index in range(len(head))]
    texts = [list(head), *([str(cell) for cell in row] for row in cells)]
    widths = [max(len(row[index]) for row in texts) for index in range(len(head))]
    return ["  ".join(padded(*one) for one in zip(row, widths, numeric, strict=True)).rstrip() for row in texts]


def indented(lines: Iterable[str]) -> list[str]:
    """Lines that belong to the one above them."""
    return [f"  {line}" for line in lines]


def padded(text: str, width: int, numeric: bool) -> str:
    """A cell as wide as its column."""
    return text.rjust(width) if numeric else text.ljust(width)


class Progress:
    """How much of long work is done, on one line that goes at the end; where nobody watches, nothing."""

    def __init__(self, output: Output, things: str = "", total: int | None = None) -> None:
        self.output, self.things, self.total = output, things, total
        self.done, self.told_at, self.width = 0, 0.0, 0
        self.is_watched = output.isatty()

    def add(self, count: int) -> None:
        """So many more are done."""
        self.done += count
        if self.is_watched and time.monotonic() - self.told_at > STEP_SECONDS:
            self.told_at = time.monotonic()
            of_total = f" of {self.total:,}" if self.total is not None else ""
            self.show(f"{self.done:,}{of_total} {self.things} …")

    def say(self, text: str) -> None:
        """What is being done now."""
        if self.is_watched:
            self.show(text)

    def show(self, text: str) -> None:
        """Put a text in the place of the one before."""
        self.output.write(f"\r{text.ljust(self.width)}", str, "")  # not red, as errors are
        self.width = len(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.width:
            self.show("")
            self.output.write("\r", str, "")
