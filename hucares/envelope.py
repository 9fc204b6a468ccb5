"""What every answer under `/api/` is wrapped in, as far as it is the same with and without Django."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

VERSION = "1.0.0"


def timestamp() -> str:
    """Now, as ISO 8601 in UTC with milliseconds and `Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def error_envelope(
    code: str, message: str, request_id: str, details: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The contract's failure envelope. `code` is a word of its catalogue, `message` a sentence for people.

    `details` is left out when there is none.
    """
    error: dict[str, Any] = {"code": code, "message": message}
    if details is not None:
        error["details"] = details
    return {"success": False, "error": error, "meta": {"timestamp": timestamp(), "requestId": request_id}}
