"""A language model behind an OpenAI-compatible address, asked so that it can do no harm when it is slow or away."""

from __future__ import annotations

import contextlib
import http.client
import logging
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings

from hucares.encoding import encode

SECONDS = 4.0  # for the whole answer
MOST_BYTES = 64 * 1024
AT_ONCE = 2  # calls of this process; whoever comes then gets the words of the rules
FAILURES = 3  # in a row, after which the model is left alone
PAUSE_SECONDS = 60.0

logger = logging.getLogger(__name__)


class ModelAway(Exception):
    """The model could not be asked, or gave no answer that can be read. Its text says why, and holds nothing secret."""


class Breaker:
    """Lets calls through until so many in a row have failed; then none for a while, and one to try."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until = 0.0

    def admit(self) -> None:
        """Raises `ModelAway` while the model is left alone. Whoever comes first after the pause tries for all."""
        with self._lock:
            if self._failures < FAILURES:
                return
            now = self._clock()
            if now < self._closed_until:
                raise ModelAway("it is left alone for a while")
            self._closed_until = now + PAUSE_SECONDS

    def note(self, *, success: bool) -> None:
        """How a call went."""
        with self._lock:
            self._failures = 0 if success else self._failures + 1
            if self._failures >= FAILURES:
                self._closed_until = self._clock() + PAUSE_SECONDS


breaker = Breaker()
_free = threading.Semaphore(AT_ONCE)


def ask_model(system: str, question: str) -> str:
    """What the model says. Raises `ModelAway`, after `SECONDS` at the latest."""
    if not _free.acquire(blocking=False):
        raise ModelAway("enough calls are under way")
    try:
        breaker.admit()  # last: whoever is let through to try for all does call
    except ModelAway:
        _free.release()
        raise
    call = Call(request_body(system, question))
    call.start()
    try:
        text = call.answer.result(timeout=SECONDS)
    except TimeoutError:
        breaker.note(success=False)
        call.hang_up()
        raise ModelAway(f"it took more than {SECONDS:.0f} seconds") from None
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError) as error:
        breaker.note(success=False)
        raise ModelAway(f"{type(error).__name__} while it was asked") from error
    breaker.note(success=True)
    return text


def request_body(system: str, question: str) -> bytes:
    """The question as the protocol wants it."""
    messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    return encode({"model": settings.INSIGHTS_MODEL, "messages": messages, "temperature": 0.2, "stream": False})


class Call(threading.Thread):
    """A call in a thread of its own, which nobody waits for longer than `SECONDS`: names may resolve slowly."""

    def __init__(self, body: bytes) -> None:
        super().__init__(daemon=True, name="insights model")
        self.body = body
        self.answer: Future[str] = Future()
        self.is_given_up = False
        self.open_socket: socket.socket | None = None
        parts = urlsplit(settings.INSIGHTS_MODEL_URL)
        self.path = f"{parts.path.rstrip('/')}/chat/completions"
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)

    def run(self) -> None:
        """Ask, and give the slot back whatever happens."""
        try:
            text = text_in(self.posted())
        except BaseException as error:  # it is raised again where the answer is waited for
            self.answer.set_exception(error)
        else:
            self.answer.set_result(text)
        finally:
            _free.release()

    def hang_up(self) -> None:
        """End the connection: a server that talks on and on would keep the thread, and with it the slot."""
        self.is_given_up = True
        if self.open_socket is not None:
            with contextlib.suppress(OSError):  # it has ended by itself
                socket.socket.shutdown(self.open_socket, socket.SHUT_RDWR)  # TLS would wait for the other side

    def connect(self) -> None:
        """Connect, unless that took so long that nobody waits any more. Raises `OSError`."""
        self.connection.connect()
        self.open_socket = self.connection.sock  # the connection forgets its own as soon as the answer begins
        if self.is_given_up:
            raise TimeoutError

    def posted(self) -> bytes:
        """The answer to the POST, without following it elsewhere. Raises `OSError`, `HTTPException` or `ValueError`."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if settings.INSIGHTS_API_KEY:
            headers["Authorization"] = f"Bearer {settings.INSIGHTS_API_KEY}"
        with contextlib.closing(self.connection):
            self.connect()
            self.connection.request("POST", self.path, self.body, headers)
            response = self.connection.getresponse()
            if response.status != 200:
                raise ValueError(f"it answers {response.status}")
            return read_all(response)


def read_all(response: http.client.HTTPResponse) -> bytes:
    """The body of a response. Raises `ValueError` if it is too large."""
    content = response.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError("it does not come to an end")
    return content


def text_in(content: bytes) -> str:
    """The text of the first choice of an answer. Raises `ValueError`, `LookupError` or `TypeError`."""
    document: Any = orjson.loads(content)
    text = document["choices"][0]["message"]["content"]
    if not isinstance(text, str):
        raise TypeError("the answer holds no text")
    return text
