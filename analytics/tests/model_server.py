"""A local server that speaks the protocol of OpenAI-compatible models, well or badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Items = list[dict[str, Any]]
Answer = Callable[["ModelHandler", Items], None]


class ModelHandler(BaseHTTPRequestHandler):
    """Remembers each request, and answers as the test says."""

    server: ModelServer

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        self.server.requests.append({"path": self.path, "headers": dict(self.headers), "body": body})
        self.server.answer(self, json.loads(body["messages"][-1]["content"]))

    def send(self, content: bytes, status: int = 200, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def say(self, text: Any) -> None:
        """Answer with a text, as the protocol wraps it."""
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        self.send(json.dumps({"object": "chat.completion", "choices": [choice]}).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class ModelServer(ThreadingHTTPServer):
    """Answers requests on a free port of this machine."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ModelHandler)
        self.requests: list[dict[str, Any]] = []
        self.answer: Answer = rephrase
        self.ended = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has hung up is no news."""

    def stop(self) -> None:
        self.ended.set()
        self.shutdown()
        self.server_close()


def rephrase(handler: ModelHandler, items: Items) -> None:
    """Say the same with a word before it."""
    said = [{"title": f"Look: {one['title']}", "message": f"In short: {one['message']}"} for one in items]
    handler.say(json.dumps(said))
