"""What our WebSockets have that uvicorn's have not. What they do for sockets is tested in `realtime`."""

from __future__ import annotations

import asyncio

from websockets.frames import Frame, Opcode

from hucares.http.socket_protocol import OneReaderQueue, text_frame


async def test_a_queue_gives_what_was_put_in_order() -> None:
    queue = OneReaderQueue()
    for code in (1, 2):
        queue.put_nowait({"type": "websocket.disconnect", "code": code})
    assert [(await queue.get())["code"] for _ in range(2)] == [1, 2]  # type: ignore[typeddict-item]
    assert queue.empty()


async def test_a_reader_that_waits_is_woken() -> None:
    queue = OneReaderQueue()
    reader = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    assert not reader.done()
    queue.put_nowait({"type": "websocket.connect"})
    queue.put_nowait({"type": "websocket.disconnect", "code": 1})
    assert await reader == {"type": "websocket.connect"}
    assert not queue.empty()


async def test_a_reader_that_gives_up_takes_nothing_along() -> None:
    queue = OneReaderQueue()
    reader = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait({"type": "websocket.connect"})
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    assert await queue.get() == {"type": "websocket.connect"}


def test_a_text_is_framed_as_servers_do() -> None:
    for text in ("", "wörld", "x" * 200, "y" * 70_000):
        framed = text_frame(text)
        assert framed == Frame(Opcode.TEXT, text.encode()).serialize(mask=False, extensions=[])
        assert framed.endswith(text.encode())
