"""Looks for secrets in everything that is kept: the database, the counters, the logs and the mails.

The logs are those of the level DEBUG and of every logger, with the setting DEBUG off: only then does Django not log
each statement with its values, and that is how it is served.
"""

from __future__ import annotations

import base64
import contextlib
import html
import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import redis
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection

from hucares.throttling import memory_storage

LEAST_LENGTH = 8  # characters; what is shorter turns up by chance, so the PINs of such tests have eight digits
REDIS_READERS = {
    b"none": lambda server, key: b"",  # it has just expired
    b"string": lambda server, key: server.get(key),
    b"list": lambda server, key: server.lrange(key, 0, -1),
    b"set": lambda server, key: server.smembers(key),
    b"zset": lambda server, key: server.zrange(key, 0, -1, withscores=True),
    b"hash": lambda server, key: server.hgetall(key),
    b"stream": lambda server, key: server.xrange(key),
}


def forms_of(secret: str) -> set[str]:
    """A secret as it could be written down, in lower case: texts are searched without regard to case."""
    assert len(secret) >= LEAST_LENGTH, "too short to be searched for"
    raw = secret.encode()
    forms = {secret, raw.decode("latin-1"), repr(secret)[1:-1], repr(raw)[2:-1], html.escape(secret), raw.hex()}
    forms |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    forms |= {quote(secret, safe=""), quote_plus(secret), *base64_forms(raw)}
    return {form.lower() for form in forms}


def base64_forms(raw: bytes) -> Iterator[str]:
    """Bytes in base64, wherever they stand in what was encoded: without what depends on their neighbours."""
    for shift, start in enumerate((0, 2, 3)):
        encoded = base64.b64encode(bytes(shift) + raw).decode()
        core = encoded[start : (shift + len(raw)) * 8 // 6]
        yield core
        yield core.replace("+", "-").replace("/", "_")


def found_in(text: str, secrets: Mapping[str, str]) -> set[str]:
    """What the secrets are called that stand in a text in any form. `secrets` maps a secret to its name."""
    lower = text.lower()
    return {name for secret, name in secrets.items() if any(form in lower for form in forms_of(secret))}


def text_of(value: Any) -> str:
    """Any value as text; of bytes whatever is text in them."""
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode(errors="replace")
    if isinstance(value, dict):
        return text_of([*value.items()])
    return " ".join(map(text_of, value)) if isinstance(value, (list, tuple, set)) else str(value)


def texts_in_database() -> set[str]:
    """Every value in every table, whoever made the table."""
    texts = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            texts |= {text_of(value) for row in cursor.fetchall() for value in row}
    return texts


def texts_in_counters() -> set[str]:
    """Everything in Redis, if there is one, and what this process keeps in its place."""
    storage = memory_storage()
    texts = {str(storage.storage), str(storage.events), str(storage.expirations)}
    cache = caches["default"]
    if isinstance(cache, LocMemCache):
        texts.add(text_of(cache._cache))
    if settings.REDIS_URL:
        with redis.Redis.from_url(settings.REDIS_URL) as server:
            texts |= {text_of([key, REDIS_READERS[server.type(key)](server, key)]) for key in server.scan_iter()}
    return texts


def text_of_mail(mail: Any) -> str:
    """A mail with its headers and its HTML, before it is encoded for its way."""
    parts = [mail.subject, mail.body, mail.from_email, *mail.recipients(), str(dict(mail.message().items()))]
    return "\n".join([*parts, *(alternative.content for alternative in mail.alternatives)])


@contextlib.contextmanager
def hearing_everything(caplog: pytest.LogCaptureFixture, level: int = logging.DEBUG) -> Iterator[None]:
    """Have `caplog` hear every logger from this level on, also those that keep their records to themselves."""
    known = [one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    before = [(one, one.level) for one in known]
    silent = [one for one in known if not one.propagate]
    caplog.set_level(level)
    for logger in known:
        logger.setLevel(level)
    for logger in silent:
        logger.addHandler(caplog.handler)
    try:
        yield
    finally:
        for logger in silent:
            logger.removeHandler(caplog.handler)
        for logger, was in before:
            logger.setLevel(was)
