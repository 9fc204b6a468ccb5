"""What a socket of the client counts, and what it says to either server."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from websockets.frames import Frame, Opcode

from benchmarks.realtime.board import Board
from benchmarks.realtime.dialects import Dialect, HuCares, Person, SocketIo
from benchmarks.realtime.listener import Listener, Refused, Scorer
from benchmarks.realtime.wire import PONG, client_frame

PERSON = Person(token="a.b.c", group_id="5a92c6e0", group=1)
ACCEPTED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
IN = {"hucares": b'{"event":"ack","ref":"join","data":{}}', "socket.io": b'430[{"groupId":"5a92c6e0"}]'}


class Wire:
    """What a transport is to a listener."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def get_extra_info(self, name: str) -> tuple[str, int]:
        return ("127.0.0.1", 8000)


def text(payload: bytes) -> bytes:
    return Frame(Opcode.TEXT, payload).serialize(mask=False)


def make_listener(tmp_path: Path, dialect: Dialect) -> tuple[Listener, Wire]:
    """One that the server has just accepted; it has written nothing since."""
    path = tmp_path / "board"
    path.touch()
    listener, wire = Listener(dialect, PERSON, Scorer(Board(path, groups=2))), Wire()
    listener.connection_made(wire)  # type: ignore[arg-type]
    wire.written.clear()
    listener.data_received(ACCEPTED)
    return listener, wire


async def test_a_socket_of_ours_says_who_it_is_and_joins(tmp_path: Path) -> None:
    listener, wire = make_listener(tmp_path, HuCares())
    listener.data_received(text(b'{"event":"ready","data":{}}') + text(b'{"event":"user-online","data":{}}'))
    assert wire.written == [
        client_frame(b'{"event":"authenticate","data":{"accessToken":"a.b.c"}}'),
        client_frame(b'{"event":"join-group","data":{"groupId":"5a92c6e0"},"ref":"join"}'),
    ]
    assert not listener.inside.done()
    listener.data_received(text(IN["hucares"]))
    await listener.inside


async def test_a_socket_of_the_peer_does_so_too(tmp_path: Path) -> None:
    listener, wire = make_listener(tmp_path, SocketIo())
    listener.data_received(text(b'0{"sid":"x"}') + text(b'40{"sid":"y"}') + text(b"2"))
    assert wire.written == [
        client_frame(b'40{"token":"a.b.c"}'),
        client_frame(b'420["join-group","5a92c6e0"]'),
        client_frame(b"3"),
    ]
    listener.data_received(text(IN["socket.io"]))
    await listener.inside


@pytest.mark.parametrize(
    ("dialect", "payload"),
    [
        (HuCares(), b'{"event":"error","data":{"code":"NOT_FOUND"}}'),
        (SocketIo(), b'44{"message":"NOT_AUTHENTICATED"}'),
        (SocketIo(), b'430[{"error":"NOT_FOUND"}]'),
    ],
)
async def test_a_refusal_is_told(tmp_path: Path, dialect: Dialect, payload: bytes) -> None:
    listener, _ = make_listener(tmp_path, dialect)
    listener.data_received(text(payload))
    with pytest.raises(Refused):
        await listener.inside


async def test_a_socket_that_the_server_closes_has_ended(tmp_path: Path) -> None:
    listener, wire = make_listener(tmp_path, HuCares())
    listener.data_received(Frame(Opcode.CLOSE, (4401).to_bytes(2, "big")).serialize(mask=False))
    assert wire.closed
    listener.connection_lost(None)
    assert listener.ended == "closed with 4401"
    with pytest.raises(Refused):
        await listener.inside


async def test_pings_are_answered(tmp_path: Path) -> None:
    listener, wire = make_listener(tmp_path, SocketIo())
    listener.data_received(Frame(Opcode.PING, b"abcd").serialize(mask=False))
    assert wire.written == [client_frame(b"abcd", PONG)]


async def test_each_message_counts_once_with_its_delay(tmp_path: Path) -> None:
    listener, _ = make_listener(tmp_path, HuCares())
    published = time.monotonic_ns()
    for seq in (1, 2):
        listener.scorer.times[8192 + seq] = published
    whole = text(b'{"data":{},"seq":1}') + text(b'{"data":{},"seq":2}') + text(b'{"data":{},"seq":2}')
    listener.data_received(whole[:10])
    listener.data_received(whole[10:])
    tally = listener.scorer.tally
    assert (tally.received, tally.repeated, tally.out_of_order) == (2, 1, 0)
    assert all(0 <= delay <= time.monotonic_ns() - published for delay in tally.delays)
    assert len(tally.delays) == 2


async def test_a_gap_is_noticed(tmp_path: Path) -> None:
    listener, _ = make_listener(tmp_path, HuCares())
    listener.data_received(text(b'{"data":{},"seq":1}') + text(b'{"data":{},"seq":3}') + text(b'{"data":{},"seq":2}'))
    tally = listener.scorer.tally
    assert (tally.received, tally.repeated, tally.out_of_order) == (2, 1, 1)
