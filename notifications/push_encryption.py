"""What a push says, so that only the browser can read it (RFC 8291), and from whom it is (RFC 8292)."""

from __future__ import annotations

import os
import time

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from hucares.public_keys import from_base64url

CURVE = ec.SECP256R1()
RECORD_SIZE = 4096  # bytes; all that is sent is one record
LARGEST = RECORD_SIZE - 86 - 17  # bytes of a payload: without the header, the tag and the mark of the last record
TOKEN_SECONDS = 12 * 3600


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """A private key out of base64url."""
    return ec.derive_private_key(int.from_bytes(from_base64url(text)), CURVE)


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The 65 bytes of its public key."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256."""
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def encrypted(
    payload: bytes,
    *,
    p256dh: str,
    auth: str,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a push, in the content encoding `aes128gcm`. Raises `ValueError` for more than `LARGEST` bytes.

    `key` and `salt` are new ones for each push, but in tests.
    """
    if len(payload) > LARGEST:
        raise ValueError("more than a push may hold")
    key, salt = key or ec.generate_private_key(CURVE), salt or os.urandom(16)
    browser, sender = from_base64url(p256dh), point_of(key)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, browser))
    secret = derived(from_base64url(auth), shared, b"WebPush: info\0" + browser + sender, 32)
    cipher = AESGCM(derived(salt, secret, b"Content-Encoding: aes128gcm\0", 16))
    nonce = derived(salt, secret, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD_SIZE.to_bytes(4) + bytes([len(sender)]) + sender
    return header + cipher.encrypt(nonce, payload + b"\2", None)


def authorization(origin: str) -> str:
    """The header by which a push service knows us; it is good for this service (`https://host`) alone, half a day."""
    claims = {
        "aud": origin,
        "exp": int(time.time()) + TOKEN_SECONDS,
        "sub": f"mailto:{settings.DEFAULT_FROM_EMAIL.rpartition('<')[2].rstrip('>')}",
    }
    token = jwt.encode(claims, private_key(settings.VAPID_PRIVATE_KEY), algorithm="ES256")
    return f"vapid t={token}, k={settings.VAPID_PUBLIC_KEY}"
