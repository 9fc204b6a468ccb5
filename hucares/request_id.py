"""The id that one request has in its response, its errors and the logs."""

from __future__ import annotations

import re
import uuid

ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id_from(value: str | None) -> str:
    """The id that the client or a proxy gave, if it is 8 to 64 harmless characters; else a new random one."""
    if value and ACCEPTED.fullmatch(value):
        return value
    return uuid.uuid4().hex
