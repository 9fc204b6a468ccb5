"""Where a series takes another level, and which of its values are out of the ordinary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median

from analytics.statistics.ranks import mid_ranks

# Absolute deviations of a normal distribution, in standard deviations: the median, and the mean.
NORMAL_MEDIAN = 0.6744897501960817
NORMAL_MEAN = math.sqrt(2 / math.pi)


def pettitt(values: Sequence[float]) -> tuple[int, float] | None:
    """(index of the first value of the new level, p-value); None for fewer than two values, or equal ones.

    Of two splits that are equally good the first counts.
    Source: A. N. Pettitt, "A non-parametric approach to the change-point problem", Applied Statistics 28 (1979).
    """
    n = len(values)
    if len(set(values)) < 2:
        return None
    best, before, k = 1, 0.0, 0.0
    for index, rank in enumerate(mid_ranks(values)[:-1], start=1):
        before += rank
        u = abs(2 * before - index * (n + 1))
        if u > k:
            best, k = index, u
    return best, min(1.0, 2 * math.exp(-6 * k * k / (n**3 + n**2)))


def robust_z(value: float, usual: Sequence[float]) -> float | None:
    """How far a value is from the median of the usual ones, in robust standard deviations; None if all of these agree.

    The spread is the median absolute deviation, or where half of the values agree the mean one.
    Source: B. Iglewicz & D. C. Hoaglin, "How to Detect and Handle Outliers" (1993), who call 3.5 an outlier.
    """
    center = median(usual)
    deviations = [abs(one - center) for one in usual]
    spread = median(deviations) / NORMAL_MEDIAN or fmean(deviations) / NORMAL_MEAN
    return (value - center) / spread if spread else None


def squared_error_of_line(times: Sequence[float], values: Sequence[float]) -> float:
    """The sum of squared distances, in squared units of `values`, from the line that fits best; the times must differ.

    Source: least squares.
    """
    middle, mean = fmean(times), fmean(values)
    along = sum((time - middle) * (value - mean) for time, value in zip(times, values, strict=True))
    return squared_error(values) - along**2 / sum((time - middle) ** 2 for time in times)


def squared_error_of_step(values: Sequence[float], split: int) -> float:
    """The same, from two levels: one before the index `split`, one from it on."""
    return squared_error(values[:split]) + squared_error(values[split:])


def squared_error(values: Sequence[float]) -> float:
    """The sum of squared distances from the mean."""
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values)


def fits_better(error: float, constants: int, other_error: float, other_constants: int, n: int) -> bool:
    """Whether one model fits `n` values better than another, by squared error and the number of constants fitted.

    Source: G. Schwarz, "Estimating the dimension of a model", Annals of Statistics 6 (1978): the information criterion
    n ln(error) + constants ln(n).
    """
    if not error or not other_error:
        return error < other_error
    return n * math.log(error / other_error) < (other_constants - constants) * math.log(n)
