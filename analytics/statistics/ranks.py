"""What ranks tell: who stands where, what moves together, and which of two samples is higher."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from statistics import fmean

ROUNDING = 1e-12


def mid_ranks(values: Sequence[float]) -> list[float]:
    """Each value's rank from 1; equal ones share the mean of their ranks."""
    ordered = sorted(values)
    return [(bisect_left(ordered, value) + bisect_right(ordered, value) + 1) / 2 for value in values]


def percentile(value: float, others: Sequence[float]) -> float:
    """How many per cent of the others (one or more) lie below a value, from 0 to 100; half of those equal to it count.

    Source: the mid-rank definition, as in `scipy.stats.percentileofscore(kind="mean")`.
    """
    ordered = sorted(others)
    return 50 * (bisect_left(ordered, value) + bisect_right(ordered, value)) / len(ordered)


def spearman(one: Sequence[float], other: Sequence[float]) -> tuple[float, float] | None:
    """(rank correlation from -1 to 1, p-value) of pairs; None for fewer than three or where one side is constant.

    Source: C. Spearman, "The proof and measurement of association between two things" (1904); the p-value by Student's
    t with two degrees of freedom less than there are pairs, as Kendall & Stuart do.
    """
    if len(one) < 3 or len(set(one)) < 2 or len(set(other)) < 2:
        return None
    rho = correlation(mid_ranks(one), mid_ranks(other))
    if 1 - abs(rho) < ROUNDING:
        return math.copysign(1.0, rho), 0.0
    freedom = len(one) - 2
    return rho, student_p_value(rho * math.sqrt(freedom / (1 - rho * rho)), freedom)


def correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Pearson's correlation, from -1 to 1, of two sides that are not constant."""
    center, other_center = fmean(one), fmean(other)
    together = sum((a - center) * (b - other_center) for a, b in zip(one, other, strict=True))
    apart = sum((a - center) ** 2 for a in one) * sum((b - other_center) ** 2 for b in other)
    return together / math.sqrt(apart)


def student_p_value(t: float, freedom: int) -> float:
    """How often Student's t with so many degrees of freedom is at least `t` in size.

    Source: Abramowitz & Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4.
    """
    angle = math.atan(abs(t) / math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    odd = freedom % 2
    term, total = (cosine, 0.0) if odd else (1.0, 0.0)
    for step in range(1 + odd, freedom, 2):
        total += term
        term *= cosine * cosine * step / (step + 1)
    inside = (angle + sine * total) * 2 / math.pi if odd else sine * total
    return min(1.0, max(0.0, 1 - inside))


def mann_whitney(sample: Sequence[float], rest: Sequence[float]) -> tuple[float, float] | None:
    """(effect from -1 to 1, p-value) of a sample against the rest; None where all values are equal or one side empty.

    The effect is how often one of the sample is higher, minus how often it is lower, than one of the rest.
    Sources: H. B. Mann & D. R. Whitney, Annals of Mathematical Statistics 18 (1947), by the normal approximation with
    corrections for ties and continuity; N. Cliff, Psychological Bulletin 114 (1993), for the effect.
    """
    together = [*sample, *rest]
    if not sample or not rest or len(set(together)) < 2:
        return None
    m, k, n = len(sample), len(rest), len(together)
    excess = sum(mid_ranks(together)[:m]) - m * (n + 1) / 2  # U minus what chance would make it
    tied = sum(t**3 - t for t in Counter(together).values()) / (n * (n - 1))
    deviation = math.sqrt(m * k / 12 * (n + 1 - tied))
    return 2 * excess / (m * k), min(1.0, math.erfc((abs(excess) - 0.5) / deviation / math.sqrt(2)))


def sign_test(differences: Sequence[float]) -> tuple[float, float] | None:
    """(share of pairs above minus share below, p-value) of paired differences; zeros are left out; None without others.

    Source: W. J. Dixon & A. M. Mood, "The statistical sign test", JASA 41 (1946); exact.
    """
    above, below = sum(one > 0 for one in differences), sum(one < 0 for one in differences)
    n = above + below
    if not n:
        return None
    tail = sum(math.comb(n, number) for number in range(min(above, below) + 1)) / 2**n
    return (above - below) / n, min(1.0, 2 * tail)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for how many were tried, in the same order.

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6
    (1979).
    """
    corrected = [1.0] * len(p_values)
    highest = 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, p_values[index] * (len(p_values) - place)))
        corrected[index] = highest
    return corrected
