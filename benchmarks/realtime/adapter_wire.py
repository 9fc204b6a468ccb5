"""What Socket.io's Redis adapter understands: how somebody who is no Socket.io server publishes to a room.

Source of the format: the packages @socket.io/redis-adapter and @socket.io/redis-emitter; MessagePack's specification.
"""

from __future__ import annotations

from typing import Any

CHANNEL = "socket.io#/#{room}#"
EVENT = 2  # the type of a packet


def channel_of(room: str) -> str:
    """The Redis channel of one room."""
    return CHANNEL.format(room=room)


def broadcast(room: str, event: str, data: dict[str, Any]) -> bytes:
    """One event for everybody in a room."""
    packet = {"type": EVENT, "data": [event, data], "nsp": "/"}
    return packed(["emitter", packet, {"rooms": [room], "flags": {}, "except": []}])


def packed(value: Any) -> bytes:
    """MessagePack, of the kinds of values that are in a broadcast. Raises `TypeError` for others."""
    if isinstance(value, str):
        text = value.encode()
        return packed_size(len(text), 0xA0, 32, 0xD9) + text
    if isinstance(value, int) and value >= 0:
        return bytes([value]) if value < 128 else packed_integer(value)
    if isinstance(value, list):
        return packed_size(len(value), 0x90, 16, None) + b"".join(map(packed, value))
    if isinstance(value, dict):
        items = b"".join(packed(key) + packed(item) for key, item in value.items())
        return packed_size(len(value), 0x80, 16, None) + items
    raise TypeError(f"{type(value).__name__} is not in a broadcast")


def packed_size(size: int, small: int, below: int, byte: int | None) -> bytes:
    """How long something is, in the shortest form. Raises `TypeError` where that is longer than any broadcast's."""
    if size < below:
        return bytes([small | size])
    if byte is not None and size < 256:
        return bytes([byte, size])
    raise TypeError(f"{size} is more than a broadcast has")


def packed_integer(value: int) -> bytes:
    """An integer of 128 or more."""
    for kind, size in ((0xCC, 1), (0xCD, 2), (0xCE, 4), (0xCF, 8)):
        if value < 1 << (8 * size):
            return bytes([kind]) + value.to_bytes(size, "big")
    raise TypeError(f"{value} is too great")
