"""Rate limits: exact ones, shared between processes through Redis.

Counting is the `limits` library's. While Redis is away each process counts for itself.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

from django.conf import settings
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter, RateLimiter
from prometheus_client import Counter
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from hucares.errors import RateLimited
from hucares.metrics import REGISTRY

logger = logging.getLogger(__name__)

AWAY_SECONDS = 2.0
_away_until = 0.0
_memory_lock = threading.Lock()

THROTTLED = Counter("hucares_throttled", "Calls that were refused because there were too many.", registry=REGISTRY)

R = TypeVar("R")
Limit = tuple[str, ...]  # a rate such as `300/minute`, then what tells one caller from another


@functools.cache
def memory_storage() -> Storage:
    """Counts in this process alone."""
    return MemoryStorage()


@functools.cache
def shared_storage() -> Storage:
    """Counts in Redis, or in this process when no Redis is configured."""
    if not settings.REDIS_URL:
        return memory_storage()
    options = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "key_prefix": "hucares:limits"}
    return cast(Storage, storage_from_string(settings.REDIS_URL, **options))  # type: ignore[arg-type]


def with_storage(work: Callable[[Storage], R]) -> R:
    """Do something with the shared counts, or with this process's own while Redis is away.

    After a failure Redis is left alone for `AWAY_SECONDS`: one that hangs must not hold up every request in turn.
    """
    global _away_until
    if not settings.REDIS_URL or time.monotonic() < _away_until:
        return with_memory(work)
    try:
        return work(shared_storage())
    except RedisError:
        logger.warning("Redis is away: rate limits are counted per process.")
        _away_until = time.monotonic() + AWAY_SECONDS
        return with_memory(work)


def with_memory(work: Callable[[Storage], R]) -> R:
    """Do something with this process's own counts, one thread at a time.

    The library has a lock for each key, but two threads that meet at a new key may each make one.
    """
    with _memory_lock:
        return work(memory_storage())


@functools.cache
def scaled(rate: str, scale: float) -> RateLimitItem:
    """A rate, multiplied by `THROTTLE_SCALE`; never below one."""
    item = parse(rate)
    item.amount = max(1, round(item.amount * scale))
    return item


def spend(rate: str, *key: str) -> None:
    """Count one use of `rate` for `key`, in a moving window. Raises `RateLimited` when there were too many already."""
    if settings.THROTTLE_SCALE:
        item = scaled(rate, settings.THROTTLE_SCALE)
        with_storage(lambda storage: take(MovingWindowRateLimiter(storage), item, key))


def take(limiter: RateLimiter, item: RateLimitItem, key: tuple[str, ...]) -> None:
    """Count one use. Raises `RateLimited`, with the whole seconds until the next is allowed."""
    if not limiter.hit(item, *key):
        THROTTLED.inc()
        reset, _ = limiter.get_window_stats(item, *key)
        raise RateLimited(max(1, math.ceil(reset - time.time())))


@contextlib.contextmanager
def counting_failures(failure: type[Exception], *limits: Limit) -> Iterator[None]:
    """Count the block against each limit, but only if it ends in `failure`. Raises `RateLimited` before it begins.

    A use is counted before the block and given back after it, so that a limit holds however many run at once. The
    windows are fixed ones: from a moving one nothing can be given back.
    """
    taken: list[Limit] = []
    try:
        for limit in limits:
            taken.append(limit)
            take_fixed(limit)
        yield
    except failure:
        raise
    except BaseException:
        give_back(taken)
        raise
    else:
        give_back(taken)


def take_fixed(limit: Limit) -> None:
    """Count one use in a fixed window. Raises `RateLimited`."""
    rate, *key = limit
    if settings.THROTTLE_SCALE:
        item = scaled(rate, settings.THROTTLE_SCALE)
        with_storage(lambda storage: take(FixedWindowRateLimiter(storage), item, tuple(key)))


def give_back(limits: list[Limit]) -> None:
    """Uncount one use of each limit."""
    for rate, *key in limits if settings.THROTTLE_SCALE else ():
        with_storage(functools.partial(untake, scaled(rate, settings.THROTTLE_SCALE), key))


def untake(item: RateLimitItem, key: list[str], storage: Storage) -> None:
    """Uncount one use in a fixed window."""
    FixedWindowRateLimiter(storage).hit(item, *key, cost=-1)


class CallerThrottle(BaseThrottle):
    """The limit on everything: 300 requests a minute for a user, 100 for an address without credentials."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Counts the request. Raises `RateLimited`."""
        if request.user.is_authenticated:
            spend("300/minute", "user", str(request.user.pk))
        else:
            spend_as_stranger(request)
        return True


def spend_as_stranger(request: Request) -> None:
    """Count a request without valid credentials against its address. Raises `RateLimited`."""
    spend("100/minute", "address", request.META.get("REMOTE_ADDR", ""))
