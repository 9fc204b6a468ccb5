"""Which way a measure has been going, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from analytics.statistics.trends import mann_kendall, theil_sen

LEAST_WEEKS = 6
SURE = 0.1  # the p-value below which a trend has a direction

UP, DOWN, STEADY = "up", "down", "steady"
DIRECTIONS = [UP, DOWN, STEADY]

Point = tuple[date, float]  # a week's Monday, and its average


@dataclass(frozen=True, slots=True)
class Trend:
    """Points of the measure per week (Theil-Sen), and the p-value of going up or down at all (Mann-Kendall).

    `n` counts the weeks with a value. With fewer than `LEAST_WEEKS` of them nothing is said.
    """

    slope_per_week: float | None
    direction: str | None
    p_value: float | None
    n: int
    enough_data: bool


def trend_of(points: Iterable[Point]) -> Trend:
    """The trend of weekly values in the order of time; weeks may be missing."""
    known = list(points)
    if len(known) < LEAST_WEEKS:
        return Trend(None, None, None, len(known), enough_data=False)
    values = [value for _, value in known]
    slope = theil_sen(weeks_since_first(known), values)
    p_value = mann_kendall(values)
    return Trend(slope, direction_of(slope) if p_value < SURE else STEADY, p_value, len(known), enough_data=True)


def direction_of(slope: float) -> str:
    """The word for a slope."""
    return STEADY if slope == 0 else UP if slope > 0 else DOWN


def weeks_since_first(points: Sequence[Point]) -> list[float]:
    """When each point is, in weeks since the first one."""
    return [(monday - points[0][0]).days / 7 for monday, _ in points]
