"""What a client says to each of the two servers: how it gets into its group, and how it stays connected."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Person:
    """Somebody with a token for one of the servers, and the one group they are in."""

    token: str
    group_id: str
    group: int  # which one of the groups, counted from 0


class Dialect(Protocol):
    """The words of one server. Payloads are of text frames."""

    path: str

    def opening(self, person: Person) -> bytes | None:
        """What to say first; None if it is for the server to begin."""

    def answer(self, payload: bytes, person: Person) -> bytes | None:
        """What to say to this, if anything."""

    def joining(self, person: Person) -> bytes:
        """The wish to be in the group."""

    def lets_in(self, payload: bytes) -> bool:
        """Whether this says that the group was joined."""

    def refuses(self, payload: bytes) -> bool:
        """Whether this says that something was refused."""

    def beat(self) -> bytes | None:
        """What a client has to say every 25 seconds; None if the server asks by itself."""


class HuCares:
    """Our own socket, as docs/sockets.md has it."""

    path = "/ws"

    def opening(self, person: Person) -> bytes:
        """The access token."""
        return compact({"event": "authenticate", "data": {"accessToken": person.token}})

    def answer(self, payload: bytes, person: Person) -> bytes | None:
        """Join, once the token was taken."""
        return self.joining(person) if b'"event":"ready"' in payload else None

    def joining(self, person: Person) -> bytes:
        """The wish to be in the group."""
        return compact({"event": "join-group", "data": {"groupId": person.group_id}, "ref": "join"})

    def lets_in(self, payload: bytes) -> bool:
        """Whether this is the ack."""
        return b'"event":"ack"' in payload

    def refuses(self, payload: bytes) -> bool:
        """Whether this is an error."""
        return b'"event":"error"' in payload

    def beat(self) -> bytes:
        """A heartbeat, which is for the client to send."""
        return b'{"event":"heartbeat","data":{}}'


class SocketIo:
    """Version 5 of the Socket.io protocol over version 4 of Engine.io's."""

    path = "/socket.io/?EIO=4&transport=websocket"

    def opening(self, person: Person) -> None:
        """The server begins."""

    def answer(self, payload: bytes, person: Person) -> bytes | None:
        """A pong; or the next step of getting in."""
        if payload == b"2":  # a ping
            return b"3"
        if payload.startswith(b"0"):  # the transport is open
            return b"40" + compact({"token": person.token})
        if payload.startswith(b"40"):  # the token is good
            return self.joining(person)
        return None

    def joining(self, person: Person) -> bytes:
        """The wish to be in the group."""
        return b"420" + compact(["join-group", person.group_id])

    def lets_in(self, payload: bytes) -> bool:
        """Whether this is the ack."""
        return payload.startswith(b"430") and b'"error"' not in payload

    def refuses(self, payload: bytes) -> bool:
        """Whether this is an error."""
        return payload.startswith((b"41", b"44")) or (payload.startswith(b"430") and b'"error"' in payload)

    def beat(self) -> None:
        """The server asks by itself."""


def compact(document: Any) -> bytes:
    """JSON without spaces."""
    return json.dumps(document, separators=(",", ":")).encode()
