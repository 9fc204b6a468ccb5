"""How log lines look: JSON for machines, or one readable line each.

No line holds an address of mail, a token, or what the database says of a row or a value that it refused: whatever a
message or an exception brings along, those are taken out of it. What people write and their passwords never get into a
message.
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import Any

from hucares.encoding import encode
from hucares.request_id import current_request_id

FORMATS = ("json", "text")
ADDRESS = re.compile(r"[^\s@<>\"'(),:;=]+@[^\s@<>\"'(),:;=]+\.[^\s@<>\"'(),:;=]+")
TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*")
# What PostgreSQL adds holds the row, and the statement with its values: lines of what people wrote, which may begin
# with anything. So all goes until Python goes on.
ADDED = r"^(?:DETAIL|CONTEXT|HINT|LINE \d+):"
PYTHON = r"^(?:The above exception was|During handling of the above|Traceback \(most recent call last\))"
DETAIL = re.compile(rf"{ADDED}.*?(?={PYTHON}|\Z)", re.MULTILINE | re.DOTALL)
# It also repeats a value that it cannot read, which may hold quotes and lines of its own.
UNREADABLE = re.compile(
    r"(invalid input (?:syntax|value) for [^\":\n]+|malformed [a-z ]+ literal|field value out of range): "
    rf"\".*?(?:\"(?=\s*(?:{ADDED}|{PYTHON}|\Z))|\Z)",
    re.MULTILINE | re.DOTALL,
)
REFUSED = re.compile(r"(\bvalue|time zone) \".*?\"(?= is out of range for type| not recognized| for \")", re.DOTALL)
OF_DJANGO = {"django.request", "django.security.csrf"}  # whose messages repeat an address


def clean(text: str) -> str:
    """A text without what no log may hold."""
    text = DETAIL.sub("", REFUSED.sub(r"\1 [value]", UNREADABLE.sub(r"\1: [value]", text)))
    return TOKEN.sub("[token]", ADDRESS.sub("[address]", text))


class EachSocketIsNoNews(logging.Filter):
    """Leaves out the lines that the server has for each socket: the consumer writes better ones."""

    NEWS = ('%s - "WebSocket %s" [accepted]', "connection open", "connection closed", "connection handler failed")

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is news."""
        return not (record.levelno <= logging.INFO and record.msg in self.NEWS)


class Line(logging.Formatter):
    """A readable line, with what it is about at its end."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # the library's name
        """The line without what it is about."""
        record.message = message_of(record)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        about = {"request_id": current_request_id(), **getattr(record, "about", {})}
        told = " ".join(f"{name}={value}" for name, value in about.items() if value not in ("", None))
        line, newline, more = clean(super().format(record)).partition("\n")
        return f"{line}{f'  [{clean(told)}]' if told else ''}{newline if more else ''}{more}"


class JsonLine(logging.Formatter):
    """One JSON object, with times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        document: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": clean(message_of(record)),
            "request_id": current_request_id(),
            **getattr(record, "about", {}),
        }
        if record.exc_info:
            document["exception"] = clean(self.formatException(record.exc_info))
        return encode({name: value for name, value in document.items() if value not in ("", None)}).decode()


def message_of(record: logging.LogRecord) -> str:
    """What a record says; of Django's own about a request not which address was asked for: that may be a token."""
    return record.getMessage().partition(":")[0] if record.name in OF_DJANGO else record.getMessage()


def logging_settings(kind: str, level: str) -> dict[str, Any]:
    """Django's `LOGGING`: everything goes to stderr, each line in this format."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "hucares.logs.JsonLine" if kind == "json" else "hucares.logs.Line"}},
        "filters": {"news": {"()": "hucares.logs.EachSocketIsNoNews"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["news"]}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": level, "propagate": False},
            "django.request": {"level": "ERROR"},  # refusals are in the line of the request already
            "uvicorn": {"handlers": [], "propagate": True},
            "uvicorn.error": {"level": level},
            "uvicorn.access": {"handlers": [], "propagate": False},  # its lines hold whole addresses
        },
    }
