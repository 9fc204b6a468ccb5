"""Series to try statistics on: random ones, with and without ties, and degenerate ones."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

DEGENERATE = {
    "constant": [5.0] * 12,
    "two points": [3.0, 7.0],
    "two equal points": [4.0, 4.0],
    "one odd one out": [6.0] * 11 + [1.0],
    "a staircase": [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0],
    "only rising": [float(value) for value in range(1, 11)],
    "only falling": [float(value) for value in range(10, 0, -1)],
    "two values in turn": [2.0, 9.0] * 6,
}


def smooth(seed: int, length: int) -> list[float]:
    """Values of which no two are equal."""
    random = Random(seed)
    return [random.gauss(6, 2) for _ in range(length)]


def whole(seed: int, length: int) -> list[float]:
    """Whole values from 1 to 10, of which many are equal."""
    random = Random(seed)
    return [float(random.randint(1, 10)) for _ in range(length)]


def gappy_times(seed: int, length: int) -> list[float]:
    """Rising week numbers with weeks left out."""
    return sorted(map(float, Random(seed).sample(range(length * 2), length)))


def many() -> Iterator[list[float]]:
    """A hundred series of 2 to 60 values, and the degenerate ones."""
    for seed in range(50):
        yield smooth(seed, 2 + seed)
        yield whole(seed, 11 + seed)
    yield from DEGENERATE.values()
