"""The five measures: the four answers and the HuCares score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Count, Q, Sum

ANSWERS = ("productive", "satisfied", "body", "care")
MEASURES = (*ANSWERS, "hu_cares")

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class PerMeasure(Generic[T]):
    """One of something for each measure."""

    productive: T
    satisfied: T
    body: T
    care: T
    hu_cares: T

    @classmethod
    def made_by(cls, make: Callable[[str], T]) -> PerMeasure[T]:
        """Of each measure what `make` makes of its name."""
        return cls(**{name: make(name) for name in MEASURES})


@dataclass(frozen=True, slots=True)
class Averages:
    """The average of each measure over `n` check-ins; without enough of them None."""

    productive: float | None
    satisfied: float | None
    body: float | None
    care: float | None
    hu_cares: float | None
    n: int
    enough_data: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """What check-ins add up to: whole numbers, so that sums of sums are exact."""

    n: int = 0
    productive: int = 0
    satisfied: int = 0
    body: int = 0
    care: int = 0
    hu_cares: int = 0

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Sums:
        """From a row with the columns of `sums_in_sql`."""
        return cls(row["n"], **{name: row[f"{name}_sum"] or 0 for name in MEASURES})

    @classmethod
    def total(cls, parts: Iterable[Sums]) -> Sums:
        """All of them together."""
        columns = [(one.n, one.productive, one.satisfied, one.body, one.care, one.hu_cares) for one in parts]
        return cls(*map(sum, zip(*columns, strict=True)))

    def average(self, measure: str) -> float | None:
        """The average of a measure; None of nothing."""
        total: int = getattr(self, measure)
        return total / self.n if self.n else None

    def averages(self, *, enough: bool = True) -> Averages:
        """The averages; none if these are not `enough`, or no check-ins at all."""
        enough = enough and self.n > 0
        shown = {name: self.average(name) if enough else None for name in MEASURES}
        return Averages(n=self.n, enough_data=enough, **shown)


def sums_in_sql(condition: Q | None = None) -> dict[str, Any]:
    """The columns of `Sums` as aggregates of check-ins, of those alone that fulfil a condition if one is given."""
    sums = {f"{name}_sum": Sum(f"{name}_score", filter=condition) for name in MEASURES}
    return {"n": Count("pk", filter=condition), **sums}
