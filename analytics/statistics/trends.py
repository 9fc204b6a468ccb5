"""Whether a series rises or falls, and how steeply. Unlike least squares, one odd week moves neither answer much."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from statistics import median

EXACT_UP_TO = 20  # values; beyond it the normal distribution is close enough


def theil_sen(times: Sequence[float], values: Sequence[float]) -> float:
    """The median of the slopes between all pairs of points, in units of `values` per unit of `times`.

    The times must differ. Raises `statistics.StatisticsError` for fewer than two points.
    Source: P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63 (1968).
    """
    points = zip(times, values, strict=True)
    return median((later - earlier) / (then - now) for (now, earlier), (then, later) in combinations(points, 2))


def kendall_s(values: Sequence[float]) -> int:
    """How many pairs of values rise minus how many fall, in the order of time."""
    return sum((later > earlier) - (later < earlier) for earlier, later in combinations(values, 2))


def mann_kendall(values: Sequence[float]) -> float:
    """The p-value of a trend in values in the order of time, from 0 to 1; 1 where all are equal.

    Up to 20 values it is exact, with ties too; beyond that the normal approximation, corrected for ties.
    Sources: H. B. Mann, "Nonparametric tests against trend", Econometrica 13 (1945); M. G. Kendall, "Rank Correlation
    Methods" (1970).
    """
    ties = tuple(sorted(Counter(values).values()))
    if len(ties) < 2:
        return 1.0
    s = kendall_s(values)
    if len(values) <= EXACT_UP_TO:
        return exact_p_value(abs(s), ties)
    return math.erfc(abs(s) / math.sqrt(2 * kendall_variance(ties)))


def kendall_variance(ties: Sequence[int]) -> float:
    """The variance of `kendall_s` under chance, for values of which so many are equal each."""
    n = sum(ties)
    return (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18


@lru_cache(maxsize=1024)
def exact_p_value(s: int, ties: tuple[int, ...]) -> float:
    """The share of all orders of these values whose `kendall_s` is at least `s` in size.

    Of an order with `i` inversions it is the number of unequal pairs minus twice `i`.
    """
    counts = inversions(ties)
    pairs = len(counts) - 1
    extreme = sum(count for number, count in enumerate(counts) if abs(pairs - 2 * number) >= s)
    return extreme / sum(counts)


@lru_cache(maxsize=256)
def inversions(ties: tuple[int, ...]) -> tuple[int, ...]:
    """How many orders of values, of which so many are equal each, have 0, 1, 2 … inversions.

    They are the coefficients of the q-multinomial [n]! / [t₁]! [t₂]! …, with [k] = 1 + q + … + qᵏ⁻¹.
    Source: R. P. Stanley, "Enumerative Combinatorics" 1, proposition 1.7.1.
    """
    pairs = math.comb(sum(ties), 2) - sum(math.comb(t, 2) for t in ties)
    counts = [1] + [0] * pairs
    for step in range(1, sum(ties) + 1):  # times 1 - q^step; the factors 1 - q of both sides cancel out
        for power in range(pairs, step - 1, -1):
            counts[power] -= counts[power - step]
    for step in (step for t in ties for step in range(1, t + 1)):  # divided by it
        for power in range(step, pairs + 1):
            counts[power] += counts[power - step]
    return tuple(counts)
