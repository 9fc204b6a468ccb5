"""Changes of level and odd values, held to SciPy."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from analytics.statistics.changes import pettitt, robust_z, squared_error_of_line, squared_error_of_step
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
        spread = stats.median_abs_deviation(values)
        found = robust_z(9.0, values)
        if spread == 0:
            assert found is None
        else:
            center = stats.scoreatpercentile(values, 50)
            assert found == pytest.approx(stats.norm.ppf(0.75) * (9.0 - center) / spread, rel=1e-4)


def test_a_line_fits_a_line_and_a_step_a_step() -> None:
    line, step = [float(week) for week in range(10)], [2.0] * 5 + [8.0] * 5

    assert squared_error_of_line(range(10), line, 1.0) == pytest.approx(0)
    assert squared_error_of_step(step, 5) == pytest.approx(0)
    assert squared_error_of_step(line, 5) > 10
    assert squared_error_of_line(range(10), step, 0.9) > 10
