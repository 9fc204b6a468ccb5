"""Percentiles, medians over rounds, ratios and targets."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.realtime.figures import OURS, PEER, Cell, Idle, Round, Setup, percentile, targets

FINE = Round(
    lost=0,
    repeated=0,
    out_of_order=0,
    delivered=1000,
    offered=100.0,
    p50=1.0,
    p95=2.0,
    p99=3.0,
    cpu=20.0,
    busy=0.5,
    client_busy=0.1,
    others_busy=0.0,
    publisher_cpu=90.0,
    redis_cpu=10.0,
)


def make_cell(ours: list[Round], theirs: list[Round] | None) -> Cell:
    return Cell(100, {OURS: ours} if theirs is None else {OURS: ours, PEER: theirs})


def make_setup(cell: Cell, kibibytes: float = 20.0) -> Setup:
    idle = {side: Idle(kibibytes, 80.0, 10.0) for side in cell.rounds}
    return Setup(1, idle, dict.fromkeys(cell.rounds, 0.1), [cell])


def missed(setup: Setup) -> list[str]:
    return [target.text for target in targets([setup]) if not target.met]


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_percentiles_of_one_to_a_hundred(share: float, value: int) -> None:
    assert percentile(range(1, 101), share) == value


def test_there_is_no_percentile_of_nothing() -> None:
    assert percentile([], 0.95) == 0


@given(st.lists(st.integers(0, 10**12), min_size=1), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_is_the_smallest_value_that_enough_do_not_exceed(values: list[int], share: float) -> None:
    values.sort()
    found = percentile(values, share)
    needed = Fraction(str(share)) * len(values)
    assert sum(value <= found for value in values) >= needed
    assert sum(value < found for value in values) < needed


def test_a_summary_has_all_losses_and_the_median_of_the_rest() -> None:
    rounds = [replace(FINE, lost=lost, cpu=cpu) for lost, cpu in ((1, 30.0), (0, 10.0), (2, 20.0))]
    summary = make_cell(rounds, None).summary(OURS)
    assert (summary.lost, summary.delivered, summary.cpu) == (3, 3000, 20.0)


def test_the_ratio_compares_rounds_that_were_next_to_each_other() -> None:
    ours = [replace(FINE, cpu=cpu) for cpu in (10.0, 40.0, 30.0)]
    theirs = [replace(FINE, cpu=cpu) for cpu in (10.0, 20.0, 10.0)]
    assert make_cell(ours, theirs).ratio == 2.0


def test_alone_there_is_no_ratio() -> None:
    assert make_cell([FINE], None).ratio is None


def test_every_target_can_be_met() -> None:
    assert missed(make_setup(make_cell([FINE], [FINE]))) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [({"lost": 1}, "1 of 1001 messages lost"), ({"p95": 50.0}, "p95 50.0 ms"), ({"cpu": 20.2}, "1.01 times")],
)
def test_every_target_of_a_rate_can_be_missed(change: dict[str, float], said: str) -> None:
    (text,) = missed(make_setup(make_cell([replace(FINE, **change)], [FINE])))
    assert said in text


def test_too_much_memory_is_a_missed_target() -> None:
    (text,) = missed(make_setup(make_cell([FINE], [FINE]), kibibytes=30.1))
    assert "30.1 KiB" in text
