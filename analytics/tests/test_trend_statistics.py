"""Theil-Sen and Mann-Kendall, held to SciPy and to counting every order."""

from __future__ import annotations

import statistics
from collections import Counter
from itertools import permutations

import pytest
from scipy import stats

from analytics.statistics.trends import EXACT_UP_TO, exact_p_value, inversions, kendall_s, mann_kendall, theil_sen
from analytics.tests.series import DEGENERATE, gappy_times, many, smooth, whole


@pytest.mark.parametrize("length", [2, 3, 7, 12, 53])
@pytest.mark.parametrize("make", [smooth, whole])
@pytest.mark.parametrize("gaps", [False, True])
def test_the_slope_is_scipys(length: int, make: object, gaps: bool) -> None:
    for seed in range(10):
        values = make(seed, length)  # type: ignore[operator]
        times = gappy_times(seed, length) if gaps else [float(week) for week in range(length)]
        assert theil_sen(times, values) == pytest.approx(stats.theilslopes(values, times).slope)


@pytest.mark.parametrize("name", DEGENERATE)
def test_the_slope_of_a_degenerate_series_is_scipys(name: str) -> None:
    values = DEGENERATE[name]

    assert theil_sen(range(len(values)), values) == pytest.approx(stats.theilslopes(values).slope)


def test_there_is_no_slope_of_one_point() -> None:
    with pytest.raises(statistics.StatisticsError):
        theil_sen([1.0], [5.0])


def test_one_odd_week_does_not_move_the_slope_much() -> None:
    assert theil_sen(range(12), [*range(1, 12), -50.0]) == pytest.approx(1.0)


@pytest.mark.parametrize("length", range(3, EXACT_UP_TO + 1))
def test_without_ties_the_p_value_is_scipys_exact_one(length: int) -> None:
    for seed in range(3):
        values = smooth(seed, length)
        expected = stats.kendalltau(range(length), values, method="exact").pvalue
        assert mann_kendall(values) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("length", [EXACT_UP_TO + 1, 52, 104])
@pytest.mark.parametrize("make", [smooth, whole])
def test_of_a_long_series_it_is_scipys_asymptotic_one(length: int, make: object) -> None:
    for seed in range(10):
        values = make(seed, length)  # type: ignore[operator]
        expected = stats.kendalltau(range(length), values, method="asymptotic").pvalue
        assert mann_kendall(values) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "values", [[5, 5, 3], [1, 2, 2, 3], [3, 3, 1, 1, 2], [1, 1, 1, 2, 2, 4], [4, 1, 4, 4, 2, 9, 1], [2, 9, 2, 9, 2, 9]]
)
def test_with_ties_it_is_the_share_of_all_orders_that_trend_as_much(values: list[float]) -> None:
    orders = list(permutations(values))
    extreme = sum(abs(kendall_s(order)) >= abs(kendall_s(values)) for order in orders)

    assert mann_kendall(values) == pytest.approx(extreme / len(orders))


@pytest.mark.parametrize("length", [12, 16, EXACT_UP_TO])
def test_with_ties_the_exact_p_value_is_near_scipys_approximation(length: int) -> None:
    for seed in range(30):
        values = whole(seed, length)
        assert mann_kendall(values) == pytest.approx(stats.kendalltau(range(length), values).pvalue, abs=0.1)
        assert mann_kendall(values) == exact_p_value(abs(kendall_s(values)), tuple(sorted(Counter(values).values())))


@pytest.mark.parametrize("values", [[], [4.0], [4.0, 4.0], [5.0] * 40])
def test_where_nothing_changes_there_is_no_trend(values: list[float]) -> None:
    assert mann_kendall(values) == 1.0


def test_two_points_are_never_a_trend() -> None:
    assert mann_kendall([3.0, 7.0]) == 1.0


def test_rising_and_falling_weigh_the_same_and_scale_does_not_count() -> None:
    for values in many():
        assert mann_kendall(values) == pytest.approx(mann_kendall([-3 * value + 1 for value in values]))
        assert 0 <= mann_kendall(values) <= 1


def test_orders_are_counted_by_inversions() -> None:
    assert inversions((1, 1, 1)) == (1, 2, 2, 1)
    assert inversions((2, 2)) == (1, 1, 2, 1, 1)
    assert sum(inversions((3, 4, 5))) == 27720
