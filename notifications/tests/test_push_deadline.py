"""A push service that talks and never comes to the point is hung up on."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from notifications import push_service
from notifications.push_service import Unreachable, post
from notifications.tests.push_stand_in import HOST, PAUSE, stand_in

MANY = 300  # drips, which take far longer than the call may
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call may take much less, but much longer than the pause between two drips."""
    monkeypatch.setattr(push_service, "LONGEST", 40 * PAUSE)


@pytest.mark.parametrize(
    "drips",
    [
        pytest.param([CONTINUE] * MANY, id="interim answers"),
        pytest.param([b"HTTP/1.1 201 ", *[b"a"] * MANY], id="a long status line"),
        pytest.param([b"HTTP/1.1 201 Created\r\n", b"X-A: ", *[b"a"] * MANY], id="a long header"),
        pytest.param([b"HTTP/1.1 201 Created\r\n", *[b"X-A: a\r\n"] * 90, *[b"b"] * MANY], id="many headers"),
    ],
)
def test_what_drips_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drips: list[bytes]) -> None:
    with stand_in(tmp_path, monkeypatch) as service:
        service.drips = drips
        with pytest.raises(Unreachable, match="TimeoutError"):
            post(f"https://{HOST}/a", b"body", {})

    assert len(service.pushes) == 1


def test_interim_answers_without_a_pause_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stand_in(tmp_path, monkeypatch) as service:
        service.drips = [CONTINUE * 1_000_000]
        with pytest.raises(Unreachable, match="TimeoutError"):
            post(f"https://{HOST}/a", b"body", {})


def test_a_few_interim_answers_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_service, "LONGEST", 60.0)
    with stand_in(tmp_path, monkeypatch) as service:
        service.drips = [CONTINUE] * 3
        assert post(f"https://{HOST}/a", b"body", {}) == 201


@contextlib.contextmanager
def slow_to_prove_itself() -> Iterator[tuple[str, int]]:
    """The address of a machine whose part of the handshake has many bytes, and comes one by one."""
    stopped = threading.Event()

    def drip(server: socket.socket) -> None:
        with contextlib.suppress(OSError), server.accept()[0] as talk:
            talk.sendall(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xf0\x03\x03")
            for _ in range(MANY):
                talk.sendall(b"\0")
                stopped.wait(PAUSE)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,), daemon=True)
        thread.start()
        try:
            yield server.getsockname()
        finally:
            stopped.set()
            thread.join()


def test_a_handshake_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with slow_to_prove_itself() as machine:
        monkeypatch.setattr(push_service, "machines_behind", lambda host: [machine])
        with pytest.raises(Unreachable, match="TimeoutError"):
            post(f"https://{HOST}/a", b"body", {})
