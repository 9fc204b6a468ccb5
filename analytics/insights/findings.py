"""What a rule finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from analytics.measures import MEASURES
from analytics.weeks import Weeks

# The corrected p-values below which a finding is told: together they leave chance less than one history in twenty.
SURE_OF_MOVEMENT = 0.016
SURE = 0.01

TREND = "trend"
LEVEL_CHANGE = "level_change"
CORRELATION = "correlation"
UNUSUAL_WEEK = "unusual_week"
WEEKDAY = "weekday"
SEASON = "season"
STREAK = "streak"
GROUP_GAP = "group_gap"
SCORE_AND_CARE = "score_and_care"
KINDS = [
    TREND,
    LEVEL_CHANGE,
    CORRELATION,
    UNUSUAL_WEEK,
    WEEKDAY,
    SEASON,
    STREAK,
    GROUP_GAP,
    SCORE_AND_CARE,
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a finding rests on: `n` observations in the weeks of `window`, and what `method` gives for them.

    `value` is in the units of the method; `p_value` is corrected for how many were tried, None for what is counted.
    """

    n: int
    window: Weeks
    method: str
    value: float
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `strength` from 0 to 1 is for ranking them; `about` has what the wording needs besides."""

    kind: str
    measure: str | None
    direction: str | None
    strength: float
    evidence: Evidence
    about: dict[str, Any] = field(default_factory=dict)


def strongest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Ranked; of equally strong ones the kinds and measures have an order of their own."""
    places = {name: place for place, name in enumerate(MEASURES)}
    return sorted(findings, key=lambda one: (-one.strength, KINDS.index(one.kind), places.get(one.measure or "", 0)))


def strongest(findings: Sequence[Finding], most: int) -> list[Finding]:
    """The first of the ranked findings, at most so many."""
    return strongest_first(findings)[:most]
