"""A real server for tests: uvicorn in a thread of this process, around the real ASGI application."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from hucares.serve import DrainingServer, server_config
from hucares.tests.served_process import until
from realtime.caretaker import caretaker
from realtime.channel_names import user_channel
from realtime.connection import THREADS
from realtime.publish import publish
from realtime.tests.described import assert_described, assert_taken

PRESENCE = {"user-online", "user-offline"}
PATIENCE = 10.0  # seconds; only a broken test waits that long
FENCE = "fence"  # an event that only tests send


class SocketOpener:
    """Opens WebSockets to the server on a port of this machine, and sends it requests."""

    def __init__(self, port: int) -> None:
        self.port = port

    @contextlib.contextmanager
    def open(self, **options: Any) -> Iterator[Client]:
        """A WebSocket that has not said yet who it is."""
        with connect(f"ws://127.0.0.1:{self.port}/ws", **options) as connection:
            yield Client(connection)

    @contextlib.contextmanager
    def socket_of(self, user: User, *group_ids: UUID) -> Iterator[Client]:
        """An authenticated WebSocket that has joined these groups."""
        with self.open() as client:
            client.authenticate(access_token(make_session(user)))
            for group_id in group_ids:
                client.join(group_id)
            yield client

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        """One real HTTP request: (status, decoded body)."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            text = response.read()
        return response.status, json.loads(text) if text else None


class LiveServer(SocketOpener):
    """One server on a port of its own."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        super().__init__(self.listener.getsockname()[1])
        self.server = DrainingServer(server_config("hucares.asgi:application"), drain_seconds=0)
        self.thread = threading.Thread(target=self.server.run, args=([self.listener],), name="live server")

    def start(self) -> None:
        """Serve."""
        self.thread.start()
        until(lambda: self.server.started or not self.thread.is_alive())
        assert self.thread.is_alive(), "the application could not be loaded"

    def stop(self) -> None:
        """End, with every socket closed."""
        self.server.should_exit = True
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()

    def settle(self) -> None:
        """Wait until every socket has been cleaned up behind and nothing is under way on their threads."""
        until(lambda: not caretaker.sockets)
        everybody = threading.Barrier(THREADS._max_workers)
        for idle in [THREADS.submit(everybody.wait, PATIENCE) for _ in range(everybody.parties)]:
            idle.result()


class Client:
    """A WebSocket client. Who comes and goes beside what a test is about is kept apart, in `presence`."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.count = 0
        self.presence: list[dict[str, Any]] = []
        self.patience = PATIENCE
        self.is_checked = True  # each frame against the document, which takes longer than all the rest

    def send(self, event: str, data: Any = None, ref: str | None = None) -> None:
        """Send a frame."""
        self.connection.send(json.dumps({"event": event, "data": data or {}, **({"ref": ref} if ref else {})}))

    def receive(self, patience: float | None = None) -> dict[str, Any]:
        """The next frame but those of presence. Raises `ConnectionClosed` or `TimeoutError`."""
        while (frame := self.receive_any(patience))["event"] in PRESENCE:
            self.presence.append(frame)
        return frame

    def receive_any(self, patience: float | None = None) -> dict[str, Any]:
        """The next frame, whatever it is; it must be as documented."""
        frame = json.loads(self.connection.recv(timeout=patience or self.patience))
        assert isinstance(frame, dict)
        if self.is_checked and frame["event"] != FENCE:
            assert_described(frame)
        return frame

    def next_presence(self) -> dict[str, Any]:
        """The next frame of presence; nothing else may come before it."""
        return self.presence.pop(0) if self.presence else self.receive_any()

    def expect(self, event: str) -> dict[str, Any]:
        """The next frame, which must be this event."""
        frame = self.receive()
        assert frame["event"] == event, frame
        return frame

    def ask(self, event: str, data: Any = None) -> dict[str, Any]:
        """Send a frame with a `ref`; its ack or error, with every frame before it in `before`."""
        self.count += 1
        ref = f"r{self.count}"
        self.send(event, data, ref)
        before = []
        while (frame := self.receive()).get("ref") != ref:
            before.append(frame)
        if self.is_checked and frame["event"] == "ack":
            assert_taken({"event": event, "data": data or {}, "ref": ref})
        return {**frame, "before": before}

    def authenticate(self, token: str) -> dict[str, Any]:
        """Say who one is; the `ready` frame."""
        self.send("authenticate", {"accessToken": token})
        ready = self.expect("ready")
        self.user_id = UUID(ready["data"]["userId"])
        return ready

    def join(self, group_id: UUID, **data: Any) -> dict[str, Any]:
        """Join a group; the ack."""
        answer = self.ask("join-group", {"groupId": str(group_id), **data})
        assert answer["event"] == "ack", answer
        return answer

    def fence(self) -> list[dict[str, Any]]:
        """Every frame that was on its way up to now, be it an answer or news.

        Answers come in the order of the client's frames, so those before a heartbeat's; news comes in the order
        of its publishing, so before something that is published now.
        """
        beat = self.ask("heartbeat")
        assert (beat["event"], beat["before"][-1]["event"]) == ("ack", "heartbeat")
        return [frame for frame in beat["before"][:-1] if frame["event"] != FENCE] + self.news()

    def news(self) -> list[dict[str, Any]]:
        """Every frame of news that was on its way up to now; nothing is asked for, so nothing that was lost."""
        end = {"event": FENCE, "data": str(uuid4())}
        frames: list[dict[str, Any]] = []
        for _ in range(int(PATIENCE)):  # the fence itself may get lost
            publish([(user_channel(self.user_id), {"type": "user.frame", "text": json.dumps(end)})])
            with contextlib.suppress(TimeoutError):
                while (frame := self.receive(patience=1.0)) != end:
                    if frame["event"] != FENCE:  # of the person's other sockets
                        frames.append(frame)
                return frames
        raise TimeoutError("the fence was not heard")

    def close_code(self) -> int:
        """The code that the server closes with, once everything before it has been read."""
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                self.receive()
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code
