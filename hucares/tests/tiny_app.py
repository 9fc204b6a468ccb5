"""A tiny ASGI application for the tests of `hucares.serve`: HTTP, a socket, and a thread that hangs."""

from __future__ import annotations

import asyncio
import os
import sys
import time

from hucares import lifecycle
from hucares.http.asgi_types import Receive, Scope, Send


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Over HTTP says `ready` or `draining` and the process id; a socket prints when it is disconnected."""
    if scope["type"] == "websocket":
        await socket_application(receive, send)
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(1.5)
    elif scope["path"] == "/hang":
        asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)
    state = "draining" if lifecycle.is_draining() else "ready"
    body = f"{state} {os.getpid()} {scope['client'][0]}".encode()
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


async def socket_application(receive: Receive, send: Send) -> None:
    """Accepts, echoes the size of what it gets, and prints the code that it was disconnected with."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": str(len(message["text"]))})
    print("disconnected", message["code"], file=sys.stderr, flush=True)
