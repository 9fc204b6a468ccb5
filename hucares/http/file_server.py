"""Static files and uploads, served by the event loop without one of the request threads."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable
from asgiref.typing import Scope as AsgirefScope
from servestatic import ServeStaticASGI
from servestatic.responders import NotARegularFileError

from hucares.http.asgi_types import Application, Message, Receive, Scope, Send
from hucares.http.wsgi_call import send_in_time

READ_BYTES = 64 * 1024


class FileServer:
    """The files below `root`, at the URLs below `prefix`; `missing` answers for everything else there.

    A file is looked for at every request, so that uploads made after the start are found and `root` need not
    exist yet. Nothing outside `root` is served, neither through `..` nor through a symbolic link, and no
    listing of a folder.
    """

    def __init__(self, root: Path, prefix: str, missing: Application) -> None:
        self.prefix = prefix
        self._missing = missing
        self._files = ServeStaticASGI(
            cast(ASGI3Application, missing), root, prefix, autorefresh=True, allow_all_origins=False
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request. Raises `ClientGone` if the client does not take the file in time."""

        async def read_and_send(message: Message) -> None:
            if message["type"] == "http.response.pathsend":
                await _send_file(message["path"], send)
            else:
                await send(message)

        try:
            await self._files(
                cast(AsgirefScope, _offering_pathsend(scope)),
                cast(ASGIReceiveCallable, receive),
                cast(ASGISendCallable, read_and_send),
            )
        except NotARegularFileError:  # a pipe or a device; raised before anything is sent
            await self._missing(scope, receive, send)


def _offering_pathsend(scope: Scope) -> Scope:
    """The scope as ServeStatic needs it.

    Left to itself it starts a thread for every file it sends, and keeps it as long as the client likes; told
    that the server can send files by their path, it leaves that to us. Its ranges cannot be sent so, and a
    server may ignore `Range`. It expects paths as WSGI has them.
    """
    return {
        **scope,
        "path": scope["path"].encode("utf-8", "replace").decode("latin-1"),
        "headers": [(name, value) for name, value in scope["headers"] if name != b"range"],
        "extensions": {"http.response.pathsend": {}},
    }


async def _send_file(path: str, send: Send) -> None:
    # A thread is borrowed for each read only, so a client that reads slowly holds none.
    file = await asyncio.to_thread(open, path, "rb")
    try:
        more = True
        while more:
            block = await asyncio.to_thread(file.read, READ_BYTES)
            more = len(block) == READ_BYTES
            await send_in_time(send, [{"type": "http.response.body", "body": block, "more_body": more}])
    finally:
        file.close()
