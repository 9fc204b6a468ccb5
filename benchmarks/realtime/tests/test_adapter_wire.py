"""What is published for Socket.io, byte by byte as its own emitter does."""

from __future__ import annotations

import pytest

from benchmarks.realtime.adapter_wire import broadcast, channel_of, packed


def test_a_broadcast_is_what_the_emitter_of_socket_io_sends() -> None:
    # What notepack.io 3.0.1 makes of the same, by way of @socket.io/redis-emitter.
    expected = (
        "93a7656d697474657283a47479706502a46461746192b1667269656e642d636865636b65642d696e83a6757365724964a175"
        "ac6875436172657353636f72650ea3736571ce00011170a36e7370a12f83a5726f6f6d7391a167a5666c61677380a665786365707490"
    )
    data = {"userId": "u", "huCaresScore": 14, "seq": 70000}
    assert broadcast("g", "friend-checked-in", data).hex() == expected


def test_a_room_has_a_channel_of_its_own() -> None:
    assert channel_of("porch") == "socket.io#/#porch#"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (127, "7f"),
        (128, "cc80"),
        (256, "cd0100"),
        (65_536, "ce00010000"),
        (2**32, "cf0000000100000000"),
        ("x" * 31, "bf" + "78" * 31),
        ("x" * 32, "d920" + "78" * 32),
    ],
)
def test_values_take_their_shortest_form(value: int | str, expected: str) -> None:
    assert packed(value).hex() == expected


@pytest.mark.parametrize("value", [None, 1.5, -1, "x" * 256, [0] * 16, 2**64])
def test_what_no_broadcast_has_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        packed(value)
