"""What was worked out is remembered for a while, in Redis or on the embedded default in this process.

Nothing depends on it: while Redis is away, everything is worked out anew. What is remembered never goes stale by
itself: its key has to hold all that it was made from, and the form that the code gives it.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

import orjson
import redis
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from hucares.encoding import encode

# Of all documents that are remembered. Raise it with any change of their shape, of a rule or of a wording, so that an
# upgrade serves none from before it.
FORM = 3
AWAY_SECONDS = 2.0
_away_until = 0.0

R = TypeVar("R")

logger = logging.getLogger(__name__)


def remembered(kind: str, made_from: Any, seconds: int, work_out: Callable[[], Any]) -> Any:
    """A JSON document, from memory if it was worked out from the same before, at most so many seconds ago.

    `made_from` is anything that can be encoded as JSON; only its hash is kept.
    """
    key = key_of(kind, made_from)
    document = recall(key)
    if document is None:
        document = work_out()
        keep(key, document, seconds)
    return document


def key_of(kind: str, made_from: Any) -> str:
    """What a document is remembered under, by code that makes documents of this form."""
    return f"{kind}:{FORM}:{hashlib.sha256(encode(made_from)).hexdigest()}"


def recall(key: str) -> Any:
    """A document that was kept; None if there is none, or none that can be had."""
    kept = unless_away(lambda: cache.get(key))
    return None if kept is None else orjson.loads(kept)


def keep(key: str, document: Any, seconds: int) -> None:
    """Remember a JSON document for so many seconds, if that can be done."""
    unless_away(lambda: cache.set(key, encode(document), seconds))


def forget(key: str) -> None:
    """Remember a document no more."""
    unless_away(lambda: cache.delete(key))


def forget_everything() -> None:
    """Remember nothing any more: the database is another one now. Raises `RedisError` while Redis is away.

    Only what this cache has put there goes; Redis has other things, too.
    """
    if not settings.REDIS_URL:
        cache.clear()
        return
    with contextlib.closing(redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5)) as client:
        for key in client.scan_iter(match=cache.make_key("*")):
            client.unlink(key)


def unless_away(work: Callable[[], R]) -> R | None:
    """Do something with the memory; None while Redis is away, which is then left alone for `AWAY_SECONDS`."""
    global _away_until
    if time.monotonic() < _away_until:
        return None
    try:
        return work()
    except RedisError:
        logger.warning("Redis is away: figures are worked out anew each time.")
        _away_until = time.monotonic() + AWAY_SECONDS
        return None
