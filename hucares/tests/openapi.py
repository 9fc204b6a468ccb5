"""Reads the OpenAPI document, so that tests find every operation of the API by themselves."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.core.management import call_command

METHODS = {"get", "put", "post", "delete", "patch"}
PREFIX = "/api/v1"


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, made with every warning as an error."""
    written = io.StringIO()
    options = {"validate": True, "fail_on_warn": True, "format": "openapi-json"}
    call_command("spectacular", stdout=written, **options)
    return dict(json.loads(written.getvalue()))


def operations() -> list[tuple[str, dict[str, Any]]]:
    """(method and path, operation) of everything that the document describes."""
    return [
        (f"{method} {path}", operation)
        for path, item in document()["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


@cache
def by_shape() -> dict[str, dict[str, Any]]:
    """`PUT /groups/{}` → the operation, for all of them: what a parameter is called in the document is no matter."""
    return {shape_of(name): operation for name, operation in operations()}


def shape_of(call: str) -> str:
    """`get /api/v1/groups/{id}`, or `GET /groups/{group}?since=0` → `GET /groups/{}`."""
    method, _, path = call.partition(" ")
    return f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path.partition('?')[0].removeprefix(PREFIX))}"


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema, or the one that it refers to."""
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return resolved(schema["allOf"][0])
    reference = schema.get("$ref")
    return document()["components"]["schemas"][reference.rpartition("/")[2]] if reference else schema


def success_of(operation: dict[str, Any]) -> int:
    """The one status that says that all went well."""
    (status,) = (int(status) for status in operation["responses"] if status[0] == "2")
    return status


def is_open(operation: dict[str, Any]) -> bool:
    """Whether it takes no credentials."""
    return {} in operation.get("security", [{}])


def data_schema(operation: dict[str, Any]) -> dict[str, Any]:
    """The schema of the data of its success; empty for one without a body."""
    content = operation["responses"][str(success_of(operation))].get("content")
    return resolved(resolved(content["application/json"]["schema"])["properties"]["data"]) if content else {}


def list_in(operation: dict[str, Any]) -> str | None:
    """Where the rows are in the data of a list's answer: the empty text if the data is the list, else their name."""
    schema = data_schema(operation)
    if schema.get("type") == "array":
        return ""
    for name, part in schema.get("properties", {}).items():
        if part.get("type") == "array" and resolved(part["items"]).get("type") == "object":
            return str(name)
    return None


def body_schema(operation: dict[str, Any], media: str = "application/json") -> dict[str, Any] | None:
    """The schema of its body of this media type, if it takes one."""
    content = operation.get("requestBody", {}).get("content", {}).get(media)
    return resolved(content["schema"]) if content else None


def property_names(schema: dict[str, Any]) -> Iterator[str]:
    """The name of every property in a schema, however deep."""
    schema = resolved(schema)
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from property_names(inner)
    if "items" in schema:
        yield from property_names(schema["items"])
