"""What the log says at ERROR, told to Sentry too, where `SENTRY_DSN` is set; and of that no more than the log holds.

No bodies, headers, query strings, cookies, local variables or addresses: what went wrong, where in the code, the id
of the request, and whose it was.
"""

from __future__ import annotations

import logging
from typing import Any

from hucares.logs import OF_DJANGO, clean, message_of
from hucares.request_id import current_request_id

KEPT = {"event_id", "timestamp", "level", "logger", "platform", "release", "environment", "exception", "sdk"}


def start(dsn: str) -> None:
    """Tell of what goes wrong from now on, in the background. It needs the package `sentry-sdk`."""
    import sentry_sdk  # of requirements-extra.txt
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration

    sentry_sdk.init(
        dsn=dsn,
        default_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            ExcepthookIntegration(),
            DedupeIntegration(),
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
        before_send=told,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="",
    )


def told(event: Any, hint: dict[str, Any]) -> Any:
    """The event as it is sent; None for what is no fault of the code."""
    record: logging.LogRecord | None = hint.get("log_record")
    if record is not None and is_refusal(record):
        return None
    kept = {name: value for name, value in event.items() if name in KEPT}
    if record is not None:
        kept["logentry"] = {"message": clean(message_of(record))}
    for exception in kept.get("exception", {}).get("values", ()):
        exception["value"] = clean(str(exception.get("value") or ""))
    if current_request_id():
        kept["tags"] = {"request_id": current_request_id()}
    if user_id := user_id_of(record):
        kept["user"] = {"id": user_id}
    return kept


def is_refusal(record: logging.LogRecord) -> bool:
    """Whether a line tells of an answer such as 503, or of what somebody tried, such as another host's name."""
    return record.name.startswith("django.security") or (record.name in OF_DJANGO and not record.exc_info)


def user_id_of(record: logging.LogRecord | None) -> str:
    """Whose request it was, if Django's record has it and it is known by now."""
    user = getattr(getattr(record, "request", None), "_cached_user", None)
    user = user or getattr(getattr(record, "request", None), "__dict__", {}).get("user")
    return str(user.pk) if getattr(user, "is_authenticated", False) and user is not None else ""
