"""A server on loopback that keeps objects as S3 does: enough of its interface for copies of backups."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from hucares.tests.loopback import serving

KEY = "key-of-backups"


class S3(ThreadingHTTPServer):
    """Objects by the path of their bucket and key. `cut` keeps so many bytes of what is put, and says so."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Call)
        self.objects: dict[str, bytes] = {}
        self.puts: list[str] = []
        self.cut: int | None = None

    @property
    def address(self) -> str:
        """What to set `BACKUP_COPY_TO` to."""
        return f"s3://{KEY}:secret@backups/ours?endpoint_url=http://127.0.0.1:{self.server_address[1]}&region_name=xx-1"


class Call(BaseHTTPRequestHandler):
    """One call, which must be signed with the key."""

    server: S3
    protocol_version = "HTTP/1.1"

    @property
    def place(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status: int, code: str) -> None:
        self.answer(status, f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode())

    def is_signed(self) -> bool:
        return f"Credential={KEY}/" in self.headers.get("Authorization", "")

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.is_signed():
            self.refuse(403, "AccessDenied")
            return
        self.server.puts.append(self.place)
        self.server.objects[self.place] = body[: self.server.cut]
        self.answer(200, ETag=f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"')

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if not self.is_signed():
            self.refuse(403, "AccessDenied")
        elif "list-type" in query:
            self.answer(200, self.listed(query["prefix"][0]))
        elif self.place in self.server.objects:
            self.answer(200, self.server.objects[self.place], ETag='"x"', Last_Modified="Wed, 25 Mar 2026 12:00:00 GMT")
        else:
            self.refuse(404, "NoSuchKey")

    def listed(self, prefix: str) -> bytes:
        keys = [place.partition("/")[2] for place in sorted(self.server.objects)]
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>1</Size></Contents>" for key in keys if key.startswith(prefix)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>".encode()

    def do_DELETE(self) -> None:
        self.server.objects.pop(self.place, None)
        self.answer(204)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def s3() -> AbstractContextManager[S3]:
    """One that is running."""
    return serving(S3())
