"""Rate limits: exact, shared, and never in the way when Redis is."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from pytest_django import Settings
from rest_framework.test import APIClient

from hucares import throttling
from hucares.errors import RateLimited
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.fresh_process import closed_port, run_fresh
from hucares.tests.racing import at_once
from hucares.throttling import shared_storage, spend

SignIn = Callable[..., APIClient]
URL = "/api/v1/users/profile"
OPEN_URL = "/api/v1/auth/login"


@pytest.fixture
def scale(settings: Settings) -> float:
    """A tenth of everything: 30 requests a minute for a user and 10 for an address."""
    settings.THROTTLE_SCALE = 0.1
    return 0.1


@pytest.fixture
def redis_away(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Points at a Redis that does not answer; that it was away is forgotten afterwards."""
    monkeypatch.setattr(throttling, "_away_until", 0.0)
    settings.REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"
    shared_storage.cache_clear()
    yield
    shared_storage.cache_clear()


@pytest.fixture
def address() -> str:
    """An address that no other test counts for."""
    groups = f"{uuid4().int % 16**24:024x}"
    return "2001:db8:" + ":".join(groups[start : start + 4] for start in range(0, 24, 4))


def statuses(ask: Callable[[], Any], times: int) -> list[int]:
    return [ask().status_code for _ in range(times)]


@pytest.mark.usefixtures("scale")
def test_a_user_has_three_hundred_requests_a_minute(alice: Any, bob: Any, sign_in: SignIn) -> None:
    client = sign_in(alice)

    assert statuses(lambda: client.get(URL), 30) == [200] * 30
    response = client.get(URL)
    refusal_of(response, 429, "RATE_LIMITED")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert data_of(sign_in(bob).get(URL))["username"] == "bob"


@pytest.mark.usefixtures("scale")
def test_all_sessions_of_a_user_count_together(alice: Any, sign_in: SignIn) -> None:
    phone, laptop = sign_in(alice), sign_in(alice)

    assert statuses(lambda: phone.get(URL), 15) + statuses(lambda: laptop.get(URL), 15) == [200] * 30
    refusal_of(phone.get(URL), 429, "RATE_LIMITED")


@pytest.mark.django_db
@pytest.mark.usefixtures("scale")
def test_an_address_without_credentials_has_one_hundred(anonymous: APIClient, address: str) -> None:
    assert statuses(lambda: anonymous.post(OPEN_URL, {}, REMOTE_ADDR=address), 10) == [400] * 10

    response = anonymous.post(OPEN_URL, {}, REMOTE_ADDR=address)
    refusal_of(response, 429, "RATE_LIMITED")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert anonymous.post(OPEN_URL, {}, REMOTE_ADDR="2001:db8::1").status_code == 400


@pytest.mark.django_db
@pytest.mark.usefixtures("scale")
@pytest.mark.parametrize("headers", [{}, {"HTTP_AUTHORIZATION": "Bearer certainly.no.token"}])
def test_what_is_refused_for_want_of_credentials_counts_too(
    anonymous: APIClient, address: str, headers: dict[str, str]
) -> None:
    ask = partial(anonymous.get, URL, REMOTE_ADDR=address, **headers)

    assert statuses(ask, 10) == [401] * 10
    response = ask()
    refusal_of(response, 429, "RATE_LIMITED")
    assert 1 <= int(response["Retry-After"]) <= 60


@pytest.mark.usefixtures("scale")
def test_a_user_is_not_held_up_by_the_address(alice: Any, sign_in: SignIn, anonymous: APIClient, address: str) -> None:
    statuses(lambda: anonymous.post(OPEN_URL, {}, REMOTE_ADDR=address), 11)

    data_of(sign_in(alice).get(URL, REMOTE_ADDR=address))


def test_zero_turns_limits_off(settings: Settings) -> None:
    settings.THROTTLE_SCALE = 0
    key = str(uuid4())

    for _ in range(50):
        spend("1/minute", "tests", key)


def test_no_scale_makes_a_limit_of_nothing(settings: Settings) -> None:
    settings.THROTTLE_SCALE = 0.000001
    key = str(uuid4())

    spend("300/minute", "tests", key)
    with pytest.raises(RateLimited):
        spend("300/minute", "tests", key)


def test_a_scale_above_one_allows_more(settings: Settings) -> None:
    settings.THROTTLE_SCALE = 3
    key = str(uuid4())

    for _ in range(6):
        spend("2/minute", "tests", key)
    with pytest.raises(RateLimited):
        spend("2/minute", "tests", key)


def allowed(key: str) -> bool:
    try:
        spend("7/minute", "tests", key)
    except RateLimited:
        return False
    return True


def test_it_is_exact_under_twenty_threads(settings: Settings) -> None:
    settings.THROTTLE_SCALE = 1
    key = str(uuid4())

    answers = at_once(20, lambda number: [allowed(key) for _ in range(3)], connected=False)
    assert sum(one for answer in answers for one in answer) == 7


@pytest.mark.usefixtures("redis_away")
def test_while_redis_is_away_it_counts_in_memory_and_at_once(settings: Settings) -> None:
    settings.THROTTLE_SCALE = 1
    key = str(uuid4())

    begun = time.monotonic()
    answers = [allowed(key) for _ in range(10)]
    assert answers == [True] * 7 + [False] * 3
    assert time.monotonic() - begun < 2


@pytest.mark.usefixtures("redis_away")
def test_in_memory_too_it_is_exact_under_twenty_threads(settings: Settings) -> None:
    settings.THROTTLE_SCALE = 1
    key = str(uuid4())

    assert sum(at_once(20, lambda number: allowed(key), connected=False)) == 7


@pytest.mark.usefixtures("redis_away", "scale")
def test_while_redis_is_away_people_are_served(alice: Any, sign_in: SignIn) -> None:
    client = sign_in(alice)

    assert statuses(lambda: client.get(URL), 31) == [200] * 30 + [429]


def test_the_window_moves(settings: Settings) -> None:
    settings.THROTTLE_SCALE, settings.REDIS_URL = 1, ""
    shared_storage.cache_clear()
    key = str(uuid4())
    try:
        with time_machine.travel("2026-03-04T12:00:00Z", tick=False) as clock:
            spend("2/minute", "tests", key)
            clock.shift(40)
            spend("2/minute", "tests", key)
            with pytest.raises(RateLimited) as refused:
                spend("2/minute", "tests", key)
            assert refused.value.retry_after == 20
            clock.shift(21)
            spend("2/minute", "tests", key)
            with pytest.raises(RateLimited) as refused:
                spend("2/minute", "tests", key)
            assert refused.value.retry_after == 39
    finally:
        shared_storage.cache_clear()


SPEND = """
import sys, django
django.setup()
from hucares import throttling
from hucares.throttling import spend
for _ in range(5):
    spend("7/minute", "tests", sys.argv[1])
"""


@pytest.mark.needs_servers
def test_with_redis_the_count_is_shared_between_processes(settings: Settings) -> None:
    settings.THROTTLE_SCALE = 1
    key = str(uuid4())
    other = run_fresh("-c", SPEND, key, REDIS_URL=settings.REDIS_URL, THROTTLE_SCALE="1")

    assert other.returncode == 0, other.stderr
    assert [allowed(key) for _ in range(3)] == [True, True, False]


@pytest.mark.django_db
@pytest.mark.usefixtures("scale")
def test_a_redis_that_hangs_is_asked_once_and_then_left_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, anonymous: APIClient, address: str
) -> None:
    monkeypatch.setattr(throttling, "_away_until", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        shared_storage.cache_clear()
        try:
            assert statuses(lambda: anonymous.get(URL, REMOTE_ADDR=address), 5) == [401] * 5
        finally:
            shared_storage.cache_clear()
        silent.settimeout(0)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):  # nobody else has called
            silent.accept()
