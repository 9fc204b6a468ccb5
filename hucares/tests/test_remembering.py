"""What was worked out is remembered for a while, and nothing depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.cache import cache, caches

from hucares import remembering
from hucares.remembering import forget, keep, key_of, recall, remembered

DAY = date(2026, 3, 25)


class Worker:
    """Works the same thing out and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, object]:
        self.times += 1
        return {"n": self.times, "list": [1, None, "ä"]}


@pytest.fixture
def redis_away(settings: LazySettings) -> Iterator[None]:
    """A Redis that nobody can reach."""
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1"}}
    remembering._away_until = 0.0
    yield
    remembering._away_until = 0.0


def test_it_is_worked_out_once() -> None:
    work_out = Worker()

    first = remembered("figures", ["porch", DAY], 60, work_out)

    assert first == remembered("figures", ["porch", DAY], 60, work_out) == {"n": 1, "list": [1, None, "ä"]}


@pytest.mark.parametrize("other", [["porch", date(2026, 3, 26)], ["garden", DAY], ["porch"], [["porch", DAY]]])
def test_it_is_worked_out_again_from_something_else(other: list[object]) -> None:
    work_out = Worker()
    remembered("figures", ["porch", DAY], 60, work_out)

    assert remembered("figures", other, 60, work_out)["n"] == 2
    assert remembered("others", ["porch", DAY], 60, work_out)["n"] == 3


def test_what_code_of_another_form_has_made_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    work_out = Worker()
    remembered("figures", "porch", 60, work_out)
    monkeypatch.setattr(remembering, "FORM", remembering.FORM + 1)

    assert remembered("figures", "porch", 60, work_out)["n"] == 2


def test_after_its_time_it_is_worked_out_again() -> None:
    key = key_of("figures", "porch")
    keep(key, {"n": 1}, 60)
    assert recall(key) == {"n": 1}
    cache.touch(key, 0)

    assert recall(key) is None


def test_it_can_be_forgotten() -> None:
    keep("figures:porch", [1], 60)
    forget("figures:porch")

    assert recall("figures:porch") is None


def test_its_key_tells_nothing() -> None:
    person = uuid4()

    assert str(person) not in key_of("figures", person)


@pytest.mark.usefixtures("redis_away")
def test_while_redis_is_away_everything_is_worked_out_anew(caplog: pytest.LogCaptureFixture) -> None:
    work_out = Worker()

    assert [remembered("figures", "porch", 60, work_out)["n"] for _ in range(3)] == [1, 2, 3]
    forget("figures:porch")
    assert [record.getMessage() for record in caplog.records] == [
        "Redis is away: figures are worked out anew each time."
    ]


@pytest.mark.usefixtures("redis_away")
def test_a_redis_that_comes_back_is_used_again(settings: LazySettings) -> None:
    work_out = Worker()
    remembered("figures", "porch", 60, work_out)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "back"}}
    caches["default"].clear()
    remembering._away_until = 0.0

    assert [remembered("figures", "porch", 60, work_out)["n"] for _ in range(2)] == [2, 2]
