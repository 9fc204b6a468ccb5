"""A server on loopback that takes events as Sentry does."""

from __future__ import annotations

import gzip
import json
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli

from hucares.tests.loopback import serving


class Ingest(ThreadingHTTPServer):
    """Keeps the text of every envelope that arrives."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Envelope)
        self.envelopes: list[str] = []

    @property
    def dsn(self) -> str:
        """What to set `SENTRY_DSN` to."""
        return f"http://public-key@127.0.0.1:{self.server_address[1]}/1"

    def events(self) -> list[dict[str, Any]]:
        """The events in the envelopes: a line for the envelope, one that says what follows, and that."""
        lines = [[json.loads(line) for line in text.splitlines() if line] for text in self.envelopes]
        return [body for _, about, body, *_ in lines if about["type"] == "event"]


class Envelope(BaseHTTPRequestHandler):
    """One request."""

    server: Ingest

    def do_POST(self) -> None:  # the library's name
        """Keep it."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        opened = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.headers.get("Content-Encoding", ""), bytes)
        self.server.envelopes.append(opened(body).decode())
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def ingest() -> AbstractContextManager[Ingest]:
    """One that is running."""
    return serving(Ingest())
