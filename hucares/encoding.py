"""JSON out: for the API and for the sockets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson


def encode_other(value: Any) -> Any:
    """What orjson cannot encode by itself: decimals are JSON numbers, lazy texts are texts."""
    if isinstance(value, Decimal):
        return float(value)
    return str(value)


def encode(document: Any) -> bytes:
    """JSON bytes; UUIDs, dates and instants (UTC, with `Z`) are encoded as the contract writes them."""
    return orjson.dumps(document, default=encode_other, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
