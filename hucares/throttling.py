"""Rate limits: exact ones, on a moving window, shared between processes through Redis.

Counting is the `limits` library's. While Redis is away each process counts for itself.
"""

from __future__ import annotations

import functools
import logging
import math
import time
from typing import Any, cast

from django.conf import settings
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from hucares.errors import RateLimited

logger = logging.getLogger(__name__)


@functools.cache
def memory_limiter() -> MovingWindowRateLimiter:
    """Counts in this process alone."""
    return MovingWindowRateLimiter(MemoryStorage())


@functools.cache
def shared_limiter() -> MovingWindowRateLimiter:
    """Counts in Redis, or in this process when no Redis is configured."""
    if not settings.REDIS_URL:
        return memory_limiter()
    storage = storage_from_string(
        settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, key_prefix="hucares:limits"
    )
    return MovingWindowRateLimiter(cast(Storage, storage))


@functools.cache
def scaled(rate: str, scale: float) -> RateLimitItem:
    """A rate such as `300/minute`, multiplied by `THROTTLE_SCALE`; never below one."""
    item = parse(rate)
    item.amount = max(1, round(item.amount * scale))
    return item


def spend(rate: str, *key: str) -> None:
    """Count one use of `rate` for `key`. Raises `RateLimited` when there were too many already."""
    if not settings.THROTTLE_SCALE:
        return
    item = scaled(rate, settings.THROTTLE_SCALE)
    try:
        wait = refusal(shared_limiter(), item, key)
    except RedisError:
        logger.warning("Redis is away: rate limits are counted per process.")
        wait = refusal(memory_limiter(), item, key)
    if wait is not None:
        raise RateLimited(wait)


def refusal(limiter: MovingWindowRateLimiter, item: RateLimitItem, key: tuple[str, ...]) -> int | None:
    """None if one more use was allowed and is counted; else the whole seconds until the next is."""
    if limiter.hit(item, *key):
        return None
    reset, _ = limiter.get_window_stats(item, *key)
    return max(1, math.ceil(reset - time.time()))


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
