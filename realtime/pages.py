"""The AsyncAPI document, and a page that shows it to people. Both are open, and ask no other host for anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from hucares.encoding import encode
from realtime import asyncapi, prose


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """The document, plain."""
    return HttpResponse(encode(asyncapi.document()), content_type="application/json")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The same, readably."""
    described = asyncapi.document()
    context = {
        "introduction": with_code(prose.INTRODUCTION),
        "sections": [shown_section(section) for section in prose.sections()],
        "directions": directions(described),
    }
    return render(request, "realtime/socket.html", context)


@dataclass(frozen=True, slots=True)
class Row:
    """One member of a frame's `data`; of what is inside another, `name` is the whole path."""

    name: str
    kind: SafeString
    required: bool
    description: SafeString


def directions(described: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """(heading, messages): what clients send, and what the server sends."""
    replies = {
        operation["messages"][0]["$ref"].rpartition("/")[2]: operation["reply"]["messages"]
        for operation in described["operations"].values()
        if "reply" in operation
    }
    messages = described["components"]["messages"]
    shown = {key: shown_message(key, message) for key, message in messages.items()}
    for key, answers in replies.items():
        shown[key]["answers"] = [shown[answer["$ref"].rpartition("/")[2]] for answer in answers]
    return [
        ("What a client sends", [shown[key] for key in messages if key in replies]),
        ("What the server sends", [shown[key] for key in messages if key not in replies]),
    ]


def shown_message(key: str, message: dict[str, Any]) -> dict[str, Any]:
    """One message, for the template."""
    payload = message["payload"]["properties"]
    (example,) = message["examples"]
    return {
        "key": key,
        "title": message["title"],
        "summary": with_code(message["summary"]),
        "durable": message.get("x-durable", False),
        "rows": list(rows_of(payload["data"])),
        "example": json.dumps(example["payload"], indent=2, ensure_ascii=False),
    }


def rows_of(schema: dict[str, Any], path: str = "") -> Iterator[Row]:
    """The members of an object, and of those inside it."""
    for name, member in schema.get("properties", {}).items():
        description = with_code(member.get("description", ""))
        yield Row(path + name, kind_of(member), name in schema.get("required", []), description)
        yield from rows_of(member, f"{path}{name}.")


def kind_of(schema: dict[str, Any]) -> SafeString:
    """What a member may be, in words."""
    if "const" in schema:
        return code(json.dumps(schema["const"]))
    if "enum" in schema:
        return format_html("one of {}", format_html_join(", ", "<code>{}</code>", ((text,) for text in schema["enum"])))
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    words = [NAMES.get(schema.get("format", kind), kind) if kind != "null" else "null" for kind in kinds]
    if "items" in schema:
        return format_html("list of {}", kind_of(schema["items"]))
    least = format_html(" from {}", schema["minimum"]) if "minimum" in schema else ""
    return format_html("{}{}", " or ".join(words), least)


NAMES = {
    "uuid": "UUID",
    "date-time": "instant",
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
}


def shown_section(section: prose.Section) -> dict[str, Any]:
    """One section of the prose, for the template."""
    rows = [[with_code(cell) for cell in row] for row in section.table]
    return {
        "title": section.title,
        "paragraphs": [with_code(paragraph) for paragraph in section.paragraphs],
        "head": rows[0] if rows else [],
        "rows": rows[1:],
    }


def with_code(text: str) -> SafeString:
    """HTML of a text in which code stands between backticks."""
    parts = text.split("`")
    return format_html_join("", "{}", ((code(part) if number % 2 else part,) for number, part in enumerate(parts)))


def code(text: str) -> SafeString:
    """HTML of a piece of code."""
    return format_html("<code>{}</code>", text)
