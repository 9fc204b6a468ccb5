"""WebSocket frames as a client of the benchmark reads and writes them."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from benchmarks.realtime.wire import CLOSE, PING, TEXT, BadFrame, client_frame, read_frames, seq_in

SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]


def served(opcode: Opcode, payload: bytes) -> bytes:
    """A frame as a server sends it, by somebody else's implementation."""
    return Frame(opcode, payload).serialize(mask=False)


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_of_any_length_is_read(size: int) -> None:
    payload = b"x" * size
    assert read_frames(served(Opcode.TEXT, payload)) == ([(TEXT, payload)], b"")


def test_frames_that_come_at_once_are_read_in_order() -> None:
    data = served(Opcode.TEXT, b"one") + served(Opcode.PING, b"two") + served(Opcode.CLOSE, b"\x03\xe8")
    assert read_frames(data) == ([(TEXT, b"one"), (PING, b"two"), (CLOSE, b"\x03\xe8")], b"")


@pytest.mark.parametrize("size", SIZES[:-2])
def test_a_frame_that_has_not_come_whole_waits_wherever_it_was_cut(size: int) -> None:
    whole, next_one = served(Opcode.TEXT, b"first"), served(Opcode.TEXT, b"y" * size)
    cuts = range(len(next_one)) if size < 1000 else [0, 1, 2, 3, 4, 5, 1000, len(next_one) - 1]
    for cut in cuts:
        frames, rest = read_frames(whole + next_one[:cut])
        assert (frames, rest) == ([(TEXT, b"first")], next_one[:cut])
        assert read_frames(rest + next_one[cut:]) == ([(TEXT, b"y" * size)], b"")


def test_a_message_in_pieces_is_refused() -> None:
    with pytest.raises(BadFrame):
        read_frames(Frame(Opcode.TEXT, b"half", fin=False).serialize(mask=False))


def test_a_masked_frame_is_refused() -> None:
    with pytest.raises(BadFrame):
        read_frames(Frame(Opcode.TEXT, b"x" * 126).serialize(mask=True))


@pytest.mark.parametrize("size", SIZES)
def test_a_server_understands_what_the_client_sends(size: int) -> None:
    reader = StreamReader()
    reader.feed_data(client_frame(b"z" * size))
    parsing = Frame.parse(reader.read_exact, mask=True, max_size=None)
    with pytest.raises(StopIteration) as parsed:
        next(parsing)
    assert (parsed.value.value.opcode, bytes(parsed.value.value.data)) == (Opcode.TEXT, b"z" * size)


@pytest.mark.parametrize(
    ("payload", "seq"),
    [
        (b'{"event":"friend-checked-in","data":{"huCaresScore":14},"seq":42}', 42),
        (b'{"event":"friend-checked-in","seq":42,"data":{"huCaresScore":14}}', 42),
        (b'42["friend-checked-in",{"huCaresScore":14,"seq":1234567}]', 1234567),
        (b'{"event":"heartbeat","data":{"unreadCount":0}}', None),
        (b"2", None),
    ],
)
def test_the_number_of_an_event_is_found(payload: bytes, seq: int | None) -> None:
    assert seq_in(payload) == seq
