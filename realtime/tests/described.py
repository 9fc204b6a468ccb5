"""Whether a frame is as the AsyncAPI document says, to the last member: nothing missing, nothing more."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from jsonschema import Draft7Validator, FormatChecker
from jsonschema.exceptions import best_match

from realtime.asyncapi import document

FORMATS = FormatChecker(["uuid"])


@FORMATS.checks("date-time", raises=ValueError)
def is_instant(value: Any) -> bool:
    """Whether a text is an instant as the contract writes them: in UTC, with `Z`."""
    if not isinstance(value, str):
        return True
    datetime.fromisoformat(value)
    return value.endswith("Z")


def closed(schema: Any) -> Any:
    """The same schema, but objects may have no members beside those that it names.

    Clients are to ignore what they do not know; that the server sends none of it is for tests to see.
    """
    if not isinstance(schema, dict) or "properties" not in schema:
        return schema
    properties = {name: closed(member) for name, member in schema["properties"].items()}
    return {**schema, "properties": properties, "additionalProperties": False}


@cache
def payloads(action: str) -> dict[str, list[dict[str, Any]]]:
    """Event name → the closed JSON Schemas of its frames, of what the server receives or of what it sends."""
    described = document()
    taken = {
        one["messages"][0]["$ref"].rpartition("/")[2] for one in described["operations"].values() if "reply" in one
    }
    found: dict[str, list[dict[str, Any]]] = {}
    for key, message in described["components"]["messages"].items():
        if (key in taken) == (action == "receive"):
            found.setdefault(message["name"], []).append(closed(message["payload"]))
    return found


def faults(frame: dict[str, Any], schema: dict[str, Any]) -> str:
    """What is wrong with a frame by this schema; the empty text if nothing is."""
    worst = best_match(Draft7Validator(schema, format_checker=FORMATS).iter_errors(frame))
    return worst.message if worst else ""


def faults_of(frame: dict[str, Any], action: str) -> list[str]:
    """What keeps a frame from each message of its name; empty if one of them fits."""
    found = [faults(frame, schema) for schema in payloads(action).get(frame["event"], [])] or ["no such event"]
    return found if all(found) else []


def assert_described(frame: dict[str, Any]) -> None:
    """The document has a message that this frame from the server is."""
    assert not (wrong := faults_of(frame, "send")), (frame, wrong)


def assert_taken(frame: dict[str, Any]) -> None:
    """The document has a message that this frame from a client is, which the server has accepted."""
    assert not (wrong := faults_of(frame, "receive")), (frame, wrong)
