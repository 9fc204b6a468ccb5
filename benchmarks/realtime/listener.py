"""One socket of the benchmark's client: cheap, so that it is the server that is measured."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from typing import cast

from benchmarks.realtime.board import NUMBERS, Board
from benchmarks.realtime.dialects import Dialect, Person
from benchmarks.realtime.tally import Tally
from benchmarks.realtime.wire import CLOSE, PING, PONG, TEXT, client_frame, read_frames, seq_in

HEAD_END = b"\r\n\r\n"


class Refused(Exception):
    """A server would not let a socket in, or has closed it."""


class Scorer:
    """Where all sockets of a client count. `tally` is that of the round."""

    def __init__(self, board: Board) -> None:
        self.times = board.times
        self.tally = Tally()


class Listener(asyncio.Protocol):
    """Opens the WebSocket, gets into its group, and counts the numbered messages that come."""

    def __init__(self, dialect: Dialect, person: Person, scorer: Scorer) -> None:
        self.dialect = dialect
        self.person = person
        self.scorer = scorer
        self.row = person.group * NUMBERS
        self.last = 0  # the number of the newest message
        self.rest = b""
        self.is_open = False
        self.inside = asyncio.get_running_loop().create_future()
        self.ended = ""  # why it was closed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the WebSocket."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own is none by inheritance
        host, port = self.transport.get_extra_info("peername")[:2]
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            f"GET {self.dialect.path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def connection_lost(self, reason: Exception | None) -> None:
        """The socket is gone."""
        self.ended = self.ended or "the connection was lost"
        self.fail(self.ended)

    def data_received(self, data: bytes) -> None:
        """Frames, whole or not; what comes at once has come at the same time."""
        now = time.monotonic_ns()
        if self.rest:
            data = self.rest + data
        if not self.is_open:
            self.rest = data
            self.read_head()
            return
        frames, self.rest = read_frames(data)
        for opcode, payload in frames:
            seq = seq_in(payload) if opcode == TEXT else None
            if seq is None:
                self.converse(opcode, payload)
            else:
                self.count(seq, now)

    def count(self, seq: int, now: int) -> None:
        """A numbered message; each is expected once, and in order."""
        tally = self.scorer.tally
        if seq == self.last + 1:
            self.last = seq
        elif seq > self.last:
            tally.out_of_order += 1
            self.last = seq
        else:
            tally.repeated += 1
            return
        tally.received += 1
        tally.delays.append(now - self.scorer.times[self.row + seq % NUMBERS])

    def converse(self, opcode: int, payload: bytes) -> None:
        """Anything else."""
        if opcode == PING:
            self.transport.write(client_frame(payload, PONG))
        elif opcode == CLOSE:
            self.ended = f"closed with {int.from_bytes(payload[:2], 'big')}"
            self.transport.close()
        elif self.dialect.refuses(payload):
            self.fail(payload.decode())
        elif self.dialect.lets_in(payload):
            if not self.inside.done():
                self.inside.set_result(None)
        else:
            self.say(self.dialect.answer(payload, self.person))

    def read_head(self) -> None:
        """The answer to the handshake, once all of it is there."""
        head, end, rest = self.rest.partition(HEAD_END)
        if not end:
            return
        self.rest = b""
        if b" 101 " not in head.partition(b"\r\n")[0]:
            self.fail(head.decode("latin-1"))
            self.transport.close()
            return
        self.is_open = True
        self.say(self.dialect.opening(self.person))
        if rest:
            self.data_received(rest)

    def join(self) -> asyncio.Future[None]:
        """Join once more; done when the server has let it in."""
        self.inside = asyncio.get_running_loop().create_future()
        self.say(self.dialect.joining(self.person))
        return self.inside

    def beat(self) -> None:
        """Show that there is somebody here, where that is for the client to do; not before it has been let in."""
        if self.inside.done():
            self.say(self.dialect.beat())

    def say(self, payload: bytes | None) -> None:
        """Send a text frame, or nothing."""
        if payload is not None and not self.ended:
            self.transport.write(client_frame(payload))

    def fail(self, reason: str) -> None:
        """Tell whoever waits to get in that it will not be."""
        if not self.inside.done():
            self.inside.set_exception(Refused(reason))
