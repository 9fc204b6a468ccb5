"""The AsyncAPI 3 document of the socket, built from the types in `realtime.events`.

Source of the format: the AsyncAPI specification, 3.0.0.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings

from hucares.encoding import encode
from realtime.events import COMMANDS, EVENTS, Command, ErrorEvent, Event, Message, frame_of
from realtime.prose import markdown

Document = dict[str, Any]
CHANNEL = {"$ref": "#/channels/socket"}
EXAMPLE_SEQ = 42
EXAMPLE_REF = "r1"


def document() -> Document:
    """The whole document, as plain JSON values."""
    kinds: list[type[Event] | type[Command]] = [*COMMANDS.values(), *EVENTS]
    messages = {kind.__name__: message_of(kind) for kind in kinds}
    whole = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "HuCares: the socket",
            "version": settings.SPECTACULAR_SETTINGS["VERSION"],
            "description": markdown(),
        },
        "defaultContentType": "application/json",
        "servers": {"hucares": server()},
        "channels": {"socket": channel(messages)},
        "operations": operations(),
        "components": {"messages": messages},
    }
    return dict(orjson.loads(encode(whole)))


def server() -> Document:
    """Where the socket is."""
    public = urlsplit(settings.PUBLIC_URL)
    return {"host": public.netloc, "protocol": "wss" if public.scheme == "https" else "ws"}


def channel(messages: Iterable[str]) -> Document:
    """The one address, and every message that travels there."""
    return {
        "address": "/ws",
        "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in messages},
        "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
    }


def operations() -> Document:
    """What the server takes, each with its answers; and what it tells of itself."""
    answers = {answer for kind in COMMANDS.values() for answer in kind.answers} | {ErrorEvent}
    news = [kind for kind in EVENTS if kind not in answers]
    taken = {name: taking(kind) for name, kind in COMMANDS.items()}
    return {**taken, "news": {"action": "send", "channel": CHANNEL, "messages": references(news)}}


def taking(kind: type[Command]) -> Document:
    """The server takes this frame, and answers it."""
    return {
        "action": "receive",
        "channel": CHANNEL,
        "summary": summary_of(kind),
        "messages": references([kind]),
        "reply": {"channel": CHANNEL, "messages": references([*kind.answers, ErrorEvent])},
    }


def references(kinds: Iterable[type[Message]]) -> list[Document]:
    """Messages by their names in the channel."""
    return [{"$ref": f"#/channels/socket/messages/{kind.__name__}"} for kind in kinds]


def message_of(kind: type[Event] | type[Command]) -> Document:
    """One message: what it means, the JSON Schema of its frame, an example."""
    document: Document = {
        "name": kind.name,
        "title": title_of(kind),
        "summary": summary_of(kind),
        "payload": kind.frame_schema(),
        "examples": [{"payload": example_frame(kind)}],
    }
    if is_durable(kind):
        document["tags"] = [{"name": "durable", "description": "A row of the group's log, with a number of its own."}]
        document["x-durable"] = True
    return document


def title_of(kind: type[Message]) -> str:
    """Its name, and where that is not enough, which one of that name it is."""
    return f"{kind.name}: {kind.variant}" if kind.variant else kind.name


def summary_of(kind: type[Message]) -> str:
    """What it means."""
    return " ".join((inspect.getdoc(kind) or "").split())


def is_durable(kind: type[Message]) -> bool:
    """Whether it is an event of a group's log."""
    return issubclass(kind, Event) and kind.durable


def example_frame(kind: type[Event] | type[Command]) -> Document:
    """A whole frame, before it is encoded."""
    asks_or_answers = issubclass(kind, Command) or kind.ref != "never"
    return frame_of(
        kind.example,
        seq=EXAMPLE_SEQ if is_durable(kind) else None,
        ref=EXAMPLE_REF if asks_or_answers else None,
    )
