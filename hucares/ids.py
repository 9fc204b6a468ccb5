"""Identifiers that sort by the time they were made."""

from __future__ import annotations

import os
import time
import uuid
from typing import Any

from django.db.models import Func, UUIDField


def uuid7() -> uuid.UUID:
    """A version 7 UUID: 48 bits of Unix time in milliseconds, then 74 random bits (RFC 9562, section 5.7).

    Rows that arrive in time order get neighbouring keys, so that an index grows at its end.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (random >> 68) << 64
    value |= 0b10 << 62 | random & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=value)


class RandomUUID(Func):
    """The database's own way to make a random UUID, for rows that are inserted without Django."""

    function = "gen_random_uuid"
    arity = 0
    output_field = UUIDField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple[str | int, ...]]:
        """SQLite keeps UUIDs as 32 hexadecimal digits."""
        return "lower(hex(randomblob(16)))", ()
