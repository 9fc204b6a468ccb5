"""One request and what became of it, for whoever watches the server."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hucares.http.asgi_types import Message, Send

ENVIRON = "hucares.exchange"  # where the WSGI application finds it


@dataclass(slots=True)
class Exchange:
    """A request. The gateway knows when and how it ends; route and person are what the application has to say of it.

    `status` is 0 as long as no answer has begun, and stays so when the client was gone before.
    """

    request_id: str
    method: str
    path: str
    began: float = field(default_factory=time.perf_counter)
    status: int = 0
    route: str = ""
    user_id: str = ""

    @property
    def seconds(self) -> float:
        """How long it has taken up to now."""
        return time.perf_counter() - self.began

    def noting(self, send: Send) -> Send:
        """A `send` that notes the status of the answer that goes through it."""

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
            await send(message)

        return send_noted


Observer = Callable[[Exchange], None]
