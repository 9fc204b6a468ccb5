"""Ranks, percentiles, correlation and comparisons of samples, held to SciPy."""

from __future__ import annotations

import pytest
from scipy import stats

from analytics.statistics.ranks import holm, mann_whitney, mid_ranks, percentile, sign_test, spearman, student_p_value
from analytics.tests.series import DEGENERATE, many, smooth, whole


def test_ranks_are_scipys() -> None:
    for values in many():
        assert mid_ranks(values) == list(stats.rankdata(values))


def test_percentiles_are_scipys_with_half_of_those_that_are_equal() -> None:
    for values in many():
        for one in (values[0], max(values), min(values) - 1, 5.0):
            assert percentile(one, values) == pytest.approx(stats.percentileofscore(values, one, kind="mean"))


@pytest.mark.parametrize(("value", "expected"), [(5, 50), (4, 0), (6, 100)])
def test_a_percentile_among_equals_is_the_middle(value: float, expected: float) -> None:
    assert percentile(value, [5, 5, 5]) == expected


@pytest.mark.parametrize("make", [smooth, whole])
@pytest.mark.parametrize("length", [3, 4, 9, 30, 104])
def test_the_rank_correlation_is_scipys(make: object, length: int) -> None:
    for seed in range(10):
        one, other = make(seed, length), make(seed + 100, length)  # type: ignore[operator]
        found = spearman(one, other)
        if found is None:
            assert len(set(one)) == 1 or len(set(other)) == 1
        else:
            expected = stats.spearmanr(one, other)
            assert found == pytest.approx((expected.statistic, expected.pvalue), abs=1e-9)


@pytest.mark.parametrize("name", sorted(set(DEGENERATE) - {"constant", "two points", "two equal points"}))
def test_the_rank_correlation_of_a_degenerate_series_is_scipys(name: str) -> None:
    one = DEGENERATE[name]
    for other in (one, one[::-1], [*one[1:], one[0]]):
        expected = stats.spearmanr(one, other)
        assert spearman(one, other) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-6)


@pytest.mark.parametrize(("one", "other"), [([], []), ([1, 2], [2, 3]), ([5, 5, 5], [1, 2, 3]), ([1, 2, 3], [4, 4, 4])])
def test_there_is_no_correlation_of_too_few_or_with_what_never_changes(one: list[float], other: list[float]) -> None:
    assert spearman(one, other) is None


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 10, 31, 102])
@pytest.mark.parametrize("t", [0.0, 0.1, -1.0, 2.5, 7.0, -40.0])
def test_students_p_value_is_scipys(t: float, freedom: int) -> None:
    assert student_p_value(t, freedom) == pytest.approx(2 * stats.t.sf(abs(t), freedom), abs=1e-12)


@pytest.mark.parametrize("make", [smooth, whole])
@pytest.mark.parametrize(("size", "rest"), [(1, 1), (3, 4), (10, 60), (13, 13)])
def test_two_samples_are_compared_as_by_scipy(make: object, size: int, rest: int) -> None:
    for seed in range(10):
        one, other = make(seed, size), make(seed + 100, rest)  # type: ignore[operator]
        found = mann_whitney(one, other)
        if found is None:
            assert len({*one, *other}) == 1
            continue
        expected = stats.mannwhitneyu(one, other, method="asymptotic")
        effect = 2 * expected.statistic / (size * rest) - 1
        assert found == pytest.approx((effect, expected.pvalue), abs=1e-9)


@pytest.mark.parametrize(("sample", "rest"), [([], [1.0]), ([1.0], []), ([5.0, 5.0], [5.0])])
def test_samples_without_a_difference_cannot_be_compared(sample: list[float], rest: list[float]) -> None:
    assert mann_whitney(sample, rest) is None


@pytest.mark.parametrize("above", range(8))
@pytest.mark.parametrize("below", range(8))
def test_signs_are_tested_as_by_scipy(above: int, below: int) -> None:
    found = sign_test([2.0] * above + [0.0] + [-1.0] * below)

    if above + below == 0:
        assert found is None
    else:
        expected = stats.binomtest(above, above + below).pvalue
        assert found == pytest.approx(((above - below) / (above + below), expected))


def test_p_values_are_corrected_for_how_many_were_tried() -> None:
    assert holm([]) == []
    assert holm([0.2]) == [0.2]
    assert holm([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.09, 0.09, 0.5])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
