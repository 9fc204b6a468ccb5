"""What the server makes of the frames that clients send."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from groups.models import Group
from realtime.tests.live import LiveServer

UNREADABLE = [
    "",
    "x",
    "[]",
    "1",
    "null",
    '"event"',
    "{}",
    '{"event": 1}',
    '{"event": "heartbeat", "data": []}',
    "[" * 5000,
    '{"event": "heartbeat", "data": NaN}',
]


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_frame_gets_an_error_and_the_socket_stays_open(server: LiveServer, alice: User, text: str) -> None:
    with server.socket_of(alice) as client:
        client.connection.send(text)
        error = client.expect("error")
        assert error["data"]["code"] == "VALIDATION_ERROR"
        assert "ref" not in error
        assert client.fence() == []


@pytest.mark.parametrize(
    "frame", [{"data": {}}, {"event": 5}, {"event": "join-group", "data": []}, {"event": "heartbeat", "data": None}]
)
def test_what_is_no_frame_is_answered_under_its_ref(server: LiveServer, alice: User, frame: dict[str, Any]) -> None:
    with server.socket_of(alice) as client:
        client.connection.send(json.dumps({**frame, "ref": "r"}))
        error = client.expect("error")
        assert (error["ref"], error["data"]["code"]) == ("r", "VALIDATION_ERROR")


def test_a_binary_frame_is_refused(server: LiveServer, alice: User) -> None:
    with server.socket_of(alice) as client:
        client.connection.send(b'{"event": "heartbeat"}')
        assert client.expect("error")["data"]["code"] == "VALIDATION_ERROR"
        assert client.fence() == []


@pytest.mark.parametrize("ref", [1, ["a"], "r" * 65])
def test_a_bad_ref_is_refused_without_one(server: LiveServer, alice: User, ref: Any) -> None:
    with server.socket_of(alice) as client:
        client.connection.send(json.dumps({"event": "heartbeat", "ref": ref}))
        error = client.expect("error")
        assert error["data"]["code"] == "VALIDATION_ERROR"
        assert "ref" not in error


def test_a_frame_over_16_kib_is_refused_and_one_of_exactly_that_is_not(server: LiveServer, alice: User) -> None:
    frame = json.dumps({"event": "heartbeat", "data": {"x": ""}})
    with server.socket_of(alice) as client:
        client.connection.send(frame.replace('""', json.dumps("y" * (16 * 1024 - len(frame)))))
        client.expect("heartbeat")
        client.connection.send(frame.replace('""', json.dumps("y" * (16 * 1024 - len(frame) + 1))))
        assert client.expect("error")["data"]["code"] == "PAYLOAD_TOO_LARGE"
        assert client.fence() == []


def test_an_unknown_event_is_refused(server: LiveServer, alice: User) -> None:
    with server.socket_of(alice) as client:
        answer = client.ask("dispatch")
        assert (answer["event"], answer["data"]["code"]) == ("error", "VALIDATION_ERROR")


BAD_JOINS: list[dict[str, Any]] = [
    {},
    {"groupId": 1},
    {"groupId": "not a uuid"},
    {"groupId": None},
    {"since": -1},
    {"since": "1"},
    {"since": True},
    {"since": 1.5},
    {"since": 2**63},
    {"epoch": 7},
]


@pytest.mark.parametrize("data", BAD_JOINS)
def test_bad_data_is_refused(server: LiveServer, alice: User, porch: Group, data: dict[str, Any]) -> None:
    whole = data if "groupId" in data or not data else {"groupId": str(porch.pk), **data}
    with server.socket_of(alice) as client:
        answer = client.ask("join-group", whole)
        assert (answer["event"], answer["data"]["code"]) == ("error", "VALIDATION_ERROR")
