"""WebSocket frames (RFC 6455), as far as a client of the benchmark needs them."""

from __future__ import annotations

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FINAL = 0x80
MASKED = 0x80
SHORT, MEDIUM, LONG = 125, 126, 127
SEQ = b'"seq":'

Frame = tuple[int, bytes]  # (opcode, payload)


class BadFrame(Exception):
    """A frame that no server of ours sends."""


def read_frames(data: bytes) -> tuple[list[Frame], bytes]:
    """All whole frames at the beginning of what a server has sent, and the rest. Raises `BadFrame`."""
    frames = []
    at, end = 0, len(data)
    while end - at >= 2:
        length, start = data[at + 1], at + 2
        if length >= MEDIUM:
            start += 2 if length == MEDIUM else 8
            if length > LONG:
                raise BadFrame("a server does not mask its frames")
            if start > end:
                break
            length = int.from_bytes(data[at + 2 : start], "big")
        if start + length > end:
            break
        if not data[at] & FINAL:
            raise BadFrame("a message came in pieces")
        frames.append((data[at] & 0x0F, data[start : start + length]))
        at = start + length
    return frames, data[at:] if at else data


def client_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A frame from a client. Its mask is all zeros: it has to be there, and this one leaves the payload as it is."""
    length = len(payload)
    if length <= SHORT:
        size = bytes([MASKED | length])
    elif length < 1 << 16:
        size = bytes([MASKED | MEDIUM]) + length.to_bytes(2, "big")
    else:
        size = bytes([MASKED | LONG]) + length.to_bytes(8, "big")
    return bytes([FINAL | opcode]) + size + bytes(4) + payload


def seq_in(payload: bytes) -> int | None:
    """The number of a group's event, found without reading the JSON around it; None in a frame that has none."""
    at = payload.rfind(SEQ)
    if at < 0:
        return None
    start = at + len(SEQ)
    end = payload.find(b",", start)
    return int(payload[start : end if end > 0 else payload.index(b"}", start)])
