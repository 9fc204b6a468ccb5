"""Changes of level and odd values, held to SciPy."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from analytics.statistics.changes import (
    fits_better,
    pettitt,
    robust_z,
    squared_error_of_line,
    squared_error_of_step,
)
from analytics.tests.series import many, smooth


def test_the_level_changes_where_scipy_finds_the_samples_farthest_apart() -> None:
    for values in many():
        found = pettitt(values)
        if len(set(values)) < 2:
            assert found is None
            continue
        n = len(values)
        distances = {
            split: abs(2 * stats.mannwhitneyu(values[:split], values[split:]).statistic - split * (n - split))
            for split in range(1, n)
        }
        k = max(distances.values())
        split = next(split for split, distance in distances.items() if distance == k)
        assert found == (split, pytest.approx(min(1.0, 2 * math.exp(-6 * k * k / (n**3 + n**2)))))


def test_a_step_is_found_where_it_is() -> None:
    values = [value + (3 if index >= 11 else -3) for index, value in enumerate(smooth(7, 24))]

    split, p_value = pettitt(values) or (0, 1.0)
    assert split == 11
    assert p_value < 0.01


@pytest.mark.parametrize("values", [[], [5.0], [5.0] * 10])
def test_what_stays_as_it_is_has_no_change_of_level(values: list[float]) -> None:
    assert pettitt(values) is None


def test_the_robust_distance_is_scipys() -> None:
    for values in many():
        spread = stats.median_abs_deviation(values, scale="normal")
        center = stats.scoreatpercentile(values, 50)
        if spread:
            assert robust_z(9.0, values) == pytest.approx((9.0 - center) / spread)


def test_where_half_of_the_values_agree_the_mean_deviation_counts() -> None:
    values = [6.0] * 8 + [5.0, 7.0]

    assert stats.median_abs_deviation(values) == 0
    assert robust_z(8.0, values) == pytest.approx(2 / (0.2 / stats.foldnorm.mean(0)))
    assert robust_z(8.0, [6.0] * 10) is None


def test_a_line_fits_a_line_and_a_step_a_step() -> None:
    line, step = [float(week) for week in range(10)], [2.0] * 5 + [8.0] * 5

    assert squared_error_of_line(range(10), line) == pytest.approx(0)
    assert squared_error_of_step(step, 5) == pytest.approx(0)
    assert squared_error_of_step(line, 5) > 10
    assert squared_error_of_line(range(10), step) > 10


def test_the_error_of_a_line_is_that_of_scipys() -> None:
    for values in many():
        times = range(len(values))
        fitted = stats.linregress(times, values)
        rests = [value - fitted.intercept - fitted.slope * time for time, value in zip(times, values, strict=True)]
        assert squared_error_of_line(times, values) == pytest.approx(sum(rest**2 for rest in rests), abs=1e-9)


@pytest.mark.parametrize(
    ("error", "constants", "other_error", "other_constants", "better"),
    [
        (1.0, 2, 1.0, 3, True),
        (1.0, 3, 1.0, 2, False),
        (1.0, 3, 2.0, 2, True),
        (1.9, 3, 2.0, 2, False),
        (0.0, 3, 2.0, 2, True),
        (2.0, 2, 0.0, 3, False),
        (0.0, 2, 0.0, 3, False),
    ],
)
def test_what_fits_better_is_worth_its_constants(
    error: float, constants: int, other_error: float, other_constants: int, better: bool
) -> None:
    assert fits_better(error, constants, other_error, other_constants, 20) == better
