"""The figures with which the admin begins: how today is, and how the last twelve weeks were.

Apps register them beside their admin pages. The figures are read each time and must be cheap: a count over an index.
The weeks are counted at most every ten minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncWeek
from django.utils import timezone

from hucares.remembering import remembered

WEEKS = 12
REMEMBERED_SECONDS = 600
BAR_STEP = 30


@dataclass(frozen=True, slots=True)
class Figure:
    """One number; `read` gets the moment at which today began (UTC), and `page` is the name of the page behind it."""

    name: str
    read: Callable[[datetime], int]
    page: str


@dataclass(frozen=True, slots=True)
class Series:
    """How many rows each week brought, by when they were made; `rows` gives those of interest."""

    name: str
    rows: Callable[[], QuerySet]  # type: ignore[type-arg]  # of any model
    column: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A week's number, and where its bar is drawn: `BAR_STEP` wide with its gap, the highest 100 high."""

    week: date
    number: int
    x: int
    height: int

    @property
    def top(self) -> int:
        """The upper end of the bar, from above."""
        return 100 - self.height


FIGURES: list[Figure] = []
SERIES: list[Series] = []


def register_figure(name: str, read: Callable[[datetime], int], page: str) -> None:
    """Show a number on the first page."""
    FIGURES.append(Figure(name, read, page))


def register_series(name: str, rows: Callable[[], QuerySet], column: str) -> None:  # type: ignore[type-arg]
    """Show a number a week on the first page, counted by a column that has an index."""
    SERIES.append(Series(name, rows, column))


def figures() -> list[tuple[Figure, int]]:
    """Today's numbers; a day begins at midnight UTC."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return [(figure, figure.read(midnight)) for figure in FIGURES]


def charts() -> list[tuple[Series, list[Bar]]]:
    """The weeks up to and with this one, from Monday to Sunday UTC."""
    return [(series, bars(series)) for series in SERIES]


def bars(series: Series) -> list[Bar]:
    """One series, drawn to its own scale."""
    today = timezone.now().date()
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    numbers = remembered("dashboard", [series.name, first], REMEMBERED_SECONDS, lambda: count_weeks(series, first))
    highest = max(*numbers, 1)
    return [
        Bar(first + timedelta(weeks=index), number, index * BAR_STEP, round(100 * number / highest))
        for index, number in enumerate(numbers)
    ]


def count_weeks(series: Series, first: date) -> list[int]:
    """How many rows were made in each of the weeks from this one on; one statement."""
    beginning = datetime(first.year, first.month, first.day, tzinfo=timezone.get_default_timezone())
    rows = series.rows().filter(**{f"{series.column}__gte": beginning})
    counted = rows.annotate(week=TruncWeek(series.column)).values_list("week").annotate(Count("pk")).order_by()
    by_week = {moment.date(): number for moment, number in counted}
    return [by_week.get(first + timedelta(weeks=index), 0) for index in range(WEEKS)]
