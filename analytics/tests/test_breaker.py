"""The breaker: whoever fails three times in a row is left alone for a minute."""

from __future__ import annotations

from analytics.insights import model
from analytics.insights.model import Breaker


class Clock:
    """Seconds that pass when they are told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def admitted(breaker: Breaker) -> bool:
    try:
        breaker.admit()
    except model.ModelAway:
        return False
    return True


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.note(success=False)


def test_the_breaker_opens_after_failures_in_a_row_and_lets_one_try_after_the_pause() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    fail(breaker, 2)
    breaker.note(success=True)
    fail(breaker, 2)
    assert admitted(breaker)
    fail(breaker, 1)
    assert not admitted(breaker)

    clock.now += model.PAUSE_SECONDS
    assert [admitted(breaker) for _ in range(3)] == [True, False, False]
    fail(breaker, 1)
    clock.now += model.PAUSE_SECONDS - 1
    assert not admitted(breaker)
    clock.now += 1
    assert admitted(breaker)
    breaker.note(success=True)
    assert [admitted(breaker) for _ in range(3)] == [True, True, True]
