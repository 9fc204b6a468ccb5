"""Keys as Web Push writes them, in base64url: public ones are a point of the curve P-256, private ones its 32 bytes."""

from __future__ import annotations

import base64
import re

PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


def from_base64url(text: str) -> bytes:
    """The bytes of a text in base64url, with or without its padding. Raises `ValueError`."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*={0,2}", text):  # Python's decoder skips what it does not know
        raise ValueError("not base64url")
    bare = text.rstrip("=")
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def to_base64url(content: bytes) -> str:
    """Bytes as text, without padding, as browsers write it."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def public_key(text: str) -> str:
    """The key as browsers write it. Raises `ValueError` for what is no point of the curve.

    A browser makes its key in the same way as the server does, so one rule holds for both.
    """
    content = from_base64url(text)
    if len(content) != 65 or content[0] != 4:
        raise ValueError("not an uncompressed point")
    x, y = int.from_bytes(content[1:33], "big"), int.from_bytes(content[33:], "big")
    if max(x, y) >= PRIME or (y * y - (x * x * x - 3 * x + B)) % PRIME:
        raise ValueError("not on the curve")
    return to_base64url(content)


def public_key_of(private_key: str) -> str:
    """The public key that belongs to a private one. Raises `ValueError` for what is none."""
    # Only where pushes are set up: it is slow to import.
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    content = from_base64url(private_key)
    if len(content) != 32:
        raise ValueError("not 32 bytes")
    key = ec.derive_private_key(int.from_bytes(content), ec.SECP256R1()).public_key()
    return to_base64url(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
