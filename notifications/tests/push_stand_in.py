"""A browser and its push service on this machine: over TLS, and able to read what was sent."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from hucares.public_keys import from_base64url, to_base64url
from hucares.tests.loopback import serving
from notifications import push_service

HOST = "push.example"
CURVE = ec.SECP256R1()
PAUSE = 0.02  # seconds between two drips


def expand(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF by its definition (RFC 5869), for up to 32 bytes."""
    extracted = hmac.digest(salt, secret, hashlib.sha256)
    return hmac.digest(extracted, info + b"\1", hashlib.sha256)[:length]


def decrypted(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """What a browser reads out of a push (RFC 8188, RFC 8291)."""
    salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
    sender, record = body[21 : 21 + length], body[21 + length :]
    assert len(record) <= size
    own = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))
    secret = expand(auth, shared, b"WebPush: info\0" + own + sender, 32)
    content_key = expand(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
    nonce = expand(salt, secret, b"Content-Encoding: nonce\0", 12)
    padded = AESGCM(content_key).decrypt(nonce, record, None).rstrip(b"\0")
    assert padded[-1:] == b"\2"
    return padded[:-1]


class Browser:
    """Somebody's browser; `subscription` is what it sends to us."""

    def __init__(self, name: str = "browser") -> None:
        self.key, self.auth = ec.generate_private_key(CURVE), hashlib.sha256(name.encode()).digest()[:16]
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.path = f"/send/{name}?one=1"
        self.subscription = {
            "endpoint": f"https://{HOST}{self.path}",
            "keys": {"p256dh": to_base64url(point), "auth": to_base64url(self.auth)},
        }


class PushService(ThreadingHTTPServer):
    """Remembers each push as (path, headers, body), and answers with `status`, after what it drips if it does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 201
        self.pushes: list[tuple[str, dict[str, str], bytes]] = []
        self.drips: list[bytes] = []
        self.stopped = threading.Event()

    def read_by(self, browser: Browser) -> list[Any]:
        """What a browser was told."""
        mine = [body for path, _, body in self.pushes if path == browser.path]
        return [json.loads(decrypted(body, browser.key, browser.auth)) for body in mine]

    def sender(self, number: int = -1) -> tuple[dict[str, Any], str]:
        """(claims, public key) of the header of a push; its signature is right."""
        scheme, _, rest = self.pushes[number][1]["authorization"].partition(" ")
        assert scheme == "vapid"
        values = dict(part.strip().split("=", 1) for part in rest.split(","))
        key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, from_base64url(values["k"]))
        return jwt.decode(values["t"], key, algorithms=["ES256"], audience=f"https://{HOST}"), values["k"]


class Handler(BaseHTTPRequestHandler):
    server: PushService

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.pushes.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        with contextlib.suppress(OSError):  # whoever called has had enough
            self.answer()

    def answer(self) -> None:
        for drip in self.server.drips:
            self.wfile.write(drip)
            self.server.stopped.wait(PAUSE)
        self.send_response(self.server.status)
        self.send_header("Location", "https://elsewhere.example/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing."""


def certified(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate for a host that it has signed itself, and its key."""
    key = ec.generate_private_key(CURVE)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    day = timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - 4000 * day)
        .not_valid_after(datetime.now(UTC) + 4000 * day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return chain, secret


@contextlib.contextmanager
def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, host: str = HOST) -> Iterator[PushService]:
    """A push service that proves to be `host`; whatever we call is found there."""
    chain, secret = certified(folder, host)
    server = PushService()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setattr(push_service, "machines_behind", lambda name: [server.server_address])
    monkeypatch.setattr(push_service, "trust", lambda: ssl.create_default_context(cafile=str(chain)))
    with serving(server):
        try:
            yield server
        finally:
            server.stopped.set()
