"""GET /realtime/asyncapi.json, and what it is built from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from django.conf import LazySettings
from django.test import Client
from jsonschema import Draft7Validator

from hucares.encoding import encode
from realtime.asyncapi import document, example_frame
from realtime.consumers import SocketConsumer
from realtime.events import COMMANDS, EVENTS, Command, Event, GroupUpdated
from realtime.events.members import schema_of
from realtime.frames import read_command, read_frame
from realtime.lifetime import GOING_AWAY, SILENT, TOO_MANY, UNAUTHENTICATED
from realtime.tests.described import closed, faults, faults_of
from realtime.tests.test_frames import BAD_JOINS

URL = "/api/v1/realtime/asyncapi.json"
KEY = re.compile(r"^[\w.-]+$")
KINDS = [*COMMANDS.values(), *EVENTS]


def below(kind: type[Any]) -> set[str]:
    """The names of every class that inherits from this one."""
    return {kind.__name__ for kind in kind.__subclasses__()}.union(*map(below, kind.__subclasses__()))


def references(node: Any) -> Iterator[str]:
    """Every reference, however deep."""
    if isinstance(node, list):
        for one in node:
            yield from references(one)
    elif isinstance(node, dict):
        yield from [node["$ref"]] if "$ref" in node else []
        for one in node.values():
            yield from references(one)


def found(reference: str) -> Any:
    """What a reference leads to. Raises `KeyError`."""
    node: Any = document()
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def payload(kind: type[Event] | type[Command]) -> dict[str, Any]:
    """The JSON Schema of a type's frames."""
    return dict(document()["components"]["messages"][kind.__name__]["payload"])


def as_sent(kind: type[Event] | type[Command]) -> dict[str, Any]:
    """The example of a type, as it travels."""
    return dict(json.loads(encode(example_frame(kind))))


def test_every_type_of_both_directions_is_in_it() -> None:
    inherited = (below(Event) | below(Command)) - {GroupUpdated.__name__}

    assert set(document()["components"]["messages"]) == inherited


def test_it_has_the_parts_of_asyncapi_3() -> None:
    described = document()

    assert described.keys() == {
        "asyncapi",
        "info",
        "defaultContentType",
        "servers",
        "channels",
        "operations",
        "components",
    }
    assert described["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= described["info"].keys()
    assert all({"host", "protocol"} <= one.keys() for one in described["servers"].values())
    names = [
        *described["servers"],
        *described["channels"],
        *described["operations"],
        *described["components"]["messages"],
    ]
    assert all(KEY.match(name) for name in names)


def test_every_reference_leads_somewhere() -> None:
    every = set(references(document()))

    assert len(every) > 2 * len(KINDS)
    for reference in every:
        assert found(reference), reference


def test_every_message_belongs_to_an_operation_of_its_direction() -> None:
    operations = document()["operations"].values()
    received = {
        one["$ref"] for operation in operations if operation["action"] == "receive" for one in operation["messages"]
    }
    sent = {one["$ref"] for operation in operations if operation["action"] == "send" for one in operation["messages"]}
    sent |= {one["$ref"] for operation in operations for one in operation.get("reply", {}).get("messages", [])}

    channel = "#/channels/socket/messages/"
    assert received == {channel + kind.__name__ for kind in COMMANDS.values()}
    assert sent == {channel + kind.__name__ for kind in EVENTS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_example_is_a_whole_frame_by_its_own_schema(kind: type[Event] | type[Command]) -> None:
    schema = payload(kind)

    Draft7Validator.check_schema(schema)
    assert document()["components"]["messages"][kind.__name__]["examples"] == [{"payload": as_sent(kind)}]
    assert faults(as_sent(kind), closed(schema)) == ""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_frame_that_has_drifted_is_found(kind: type[Event] | type[Command]) -> None:
    action = "receive" if issubclass(kind, Command) else "send"
    whole = as_sent(kind)

    assert faults_of(whole, action) == []
    assert faults_of({**whole, "more": 1}, action)
    assert faults_of({**whole, "data": {**whole["data"], "more": 1}}, action)
    assert faults_of({**whole, "event": "nonsense"}, action)
    for name in closed(payload(kind))["properties"]["data"].get("required", []):
        rest = {key: value for key, value in whole["data"].items() if key != name}
        assert faults_of({**whole, "data": rest}, action)
        assert faults_of({**whole, "data": {**rest, name: ["wrong"]}}, action)


@pytest.mark.parametrize("value", ["2026-11-22", "2026-11-22T18:30:00+01:00", "soon"])
def test_an_instant_that_is_not_written_in_utc_is_found(value: str) -> None:
    beat = {"event": "heartbeat", "data": {"serverTime": value, "unreadCount": 0}}

    assert faults_of(beat, "send")


def test_the_events_of_the_log_are_marked_and_have_a_number() -> None:
    durable = {"FriendCheckedIn", "CheckInSaved", "Erased", *below(GroupUpdated)}

    for key, message in document()["components"]["messages"].items():
        marked = message.get("x-durable", False), [tag["name"] for tag in message.get("tags", [])] == ["durable"]
        numbered = "seq" in message["payload"]["properties"], "seq" in message["payload"]["required"]
        assert {*marked, *numbered} == {key in durable}, key


def test_every_message_says_what_it_means() -> None:
    for key, message in document()["components"]["messages"].items():
        assert message["summary"].endswith("."), key
        assert "(" + key not in message["summary"], key  # what a dataclass says of itself
    titles = {message["title"] for message in document()["components"]["messages"].values()}
    assert len(titles) == len(KINDS) - 2  # a heartbeat and typing are one in either direction


@pytest.mark.parametrize("kind", COMMANDS.values(), ids=lambda kind: kind.name)
def test_the_consumer_takes_what_is_documented_as_it_is(kind: type[Command]) -> None:
    received = read_frame(json.dumps(as_sent(kind)))

    assert read_command(received) == kind.example
    assert callable(getattr(SocketConsumer, kind.name.replace("-", "_")))


@pytest.mark.parametrize("data", BAD_JOINS, ids=str)
def test_what_the_server_refuses_the_document_refuses_too(data: dict[str, Any]) -> None:
    whole = as_sent(COMMANDS["join-group"])
    frame = {**whole, "data": {**whole["data"], **data} if data else {}}

    assert faults_of(frame, "receive")


def test_the_description_tells_close_codes_and_the_limits_in_force(settings: LazySettings) -> None:
    settings.SOCKET_SILENCE_SECONDS = 61.5
    described = document()["info"]["description"]

    for code in (UNAUTHENTICATED, SILENT, TOO_MANY, GOING_AWAY, 1001, 1009):
        assert f"`{code}`" in described
    assert "61.5 seconds" in described
    assert "16 KiB" in described
    assert "| --- | --- |" in described


@pytest.mark.parametrize(
    ("public_url", "host", "protocol"),
    [("https://hucares.example", "hucares.example", "wss"), ("http://127.0.0.1:8001", "127.0.0.1:8001", "ws")],
)
def test_it_names_the_server_that_serves_it(settings: LazySettings, public_url: str, host: str, protocol: str) -> None:
    settings.PUBLIC_URL = public_url

    assert document()["servers"] == {"hucares": {"host": host, "protocol": protocol}}


def test_it_is_served_as_plain_json_to_anybody(client: Client) -> None:
    served = client.get(URL)

    assert served.status_code == 200
    assert served["Content-Type"] == "application/json"
    assert json.loads(served.content) == document()
    assert client.head(URL).status_code == 200
    assert client.post(URL).status_code == 405


@pytest.mark.parametrize("kind", [set, Literal["a", "b"], list[set[str]]], ids=str)
def test_a_type_that_json_does_not_have_is_a_mistake(kind: Any) -> None:
    with pytest.raises(TypeError, match="has no JSON Schema"):
        schema_of(kind)
