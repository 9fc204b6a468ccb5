"""Two friends check in, live: real HTTP and real sockets against a running server, told as it happens.

python tools/demo.py [--url http://127.0.0.1:8000]
"""

from __future__ import annotations

import argparse
import http.client
import json
import queue
import secrets
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

PATIENCE = 5.0  # seconds to wait for a frame
ADA_ANSWERS = {"productive": 8, "satisfied": 7, "body": 6, "care": 9}
BEN_ANSWERS = {"productive": 3, "satisfied": 4, "body": 4, "care": 7, "isPrivate": True}
BOLD, DIM, PLAIN = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


class Unexpected(Exception):
    """Something did not go as the story says; the text is one clear sentence."""


def main() -> int:
    """Play the story. 0 if all went as told."""
    parser = argparse.ArgumentParser(description="Two friends check in, live, against a running HuCares server.")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the server is (default: %(default)s)")
    url = str(parser.parse_args().url).rstrip("/")
    server = urlsplit(url)
    if server.scheme not in {"http", "https"} or not server.hostname:
        parser.error(f"--url must look like http://127.0.0.1:8000, not {url!r}")
    try:
        play(server)
    except Unexpected as problem:
        print(f"\ndemo: {problem}", file=sys.stderr)
    except ConnectionRefusedError:
        print(f"demo: no server answers at {url}. Start one with `make run`, then try again.", file=sys.stderr)
    except (OSError, http.client.HTTPException, WebSocketException) as problem:
        print(f"\ndemo: the connection to {url} broke: {problem or type(problem).__name__}.", file=sys.stderr)
    else:
        return 0
    return 1


# --- The story ------------------------------------------------------------------------------------------


def play(server: SplitResult) -> None:
    """Everything, in order."""
    ada, ben = Friend("Ada", server), Friend("Ben", server)
    ada.connection.connect()  # if there is no server, that is all there is to say
    chapter(f"Two strangers to {server.netloc} become friends on it")
    ada.register()
    ben.register()
    group = found_group(ada, ben)
    chapter("Both open a socket and listen to the group")
    with Listener(ada, group) as ada_hears, Listener(ben, group) as ben_hears:
        check_in_openly(ada, ben, group, ada_hears, ben_hears)
        try_twice(ada, group)
        check_in_privately(ada, ben, group, ada_hears)
    print(f"\nAll of it went as it should. {ada.username} and {ben.username} stay in the database.")


def found_group(ada: Friend, ben: Friend) -> str:
    """Ada founds a group and Ben joins it; the group's id."""
    group = ada.call("POST", "/groups", {"name": "Ada and Ben"}, expect=201).data
    tell(f"She founds “{group['name']}” and reads its access code {group['accessCode']} to Ben.")
    joined = ben.call("POST", "/groups/join", {"accessCode": group["accessCode"]}).data
    tell(f"He joins: {joined['memberCount']} members, and this week's check-in is open.")
    return str(group["id"])


def check_in_openly(ada: Friend, ben: Friend, group: str, ada_hears: Listener, ben_hears: Listener) -> None:
    """Ada checks in, and Ben sees it."""
    chapter("Ada checks in over REST, and nobody reloads anything")
    answer = ada.call("POST", "/checkins", {"groupId": group, **ADA_ANSWERS}, expect=201)
    score = answer.data["huCaresScore"]
    tell(f"8 productive + 7 satisfied + 6 body - 9 care: the database makes that a HuCares score of {score}.")
    told = ben_hears.next("friend-checked-in", answer.sent_at)
    require(told["huCaresScore"] == score == 12, f"Ben was told the score {told['huCaresScore']}, not 12")
    tell(f"Ben sees {told['username']}'s score, {told['huCaresScore']}, at once.")
    saved = ada_hears.next("check-in-saved", answer.sent_at)
    require(saved["checkInId"] == answer.data["id"], "Ada's socket was told of another check-in")
    tell("Ada's own devices learn that it is saved.")
    notification = ben_hears.next("notification", answer.sent_at)
    tell(f"And for later: “{notification['title']}”.")
    unread = ben.call("GET", "/notifications?unread=true").data
    require(any(row["id"] == notification["id"] for row in unread), "the notification is not in Ben's list")
    read = ben.call("PUT", f"/notifications/{notification['id']}/read")
    require(read.data["isRead"] is True, "the notification did not become read")
    ben_hears.next("notification-read", read.sent_at)
    tell("It waits in his list too; he reads it, and his other devices follow.")


def try_twice(ada: Friend, group: str) -> None:
    """A second check-in in the same week is refused."""
    chapter("Ada tries a second time")
    error = ada.call("POST", "/checkins", {"groupId": group, **ADA_ANSWERS}, expect=409).error
    require(error["code"] == "DUPLICATE_CHECKIN", f"the refusal was {error['code']}, not DUPLICATE_CHECKIN")
    tell(f"{error['code']}: “{error['message']}”")


def check_in_privately(ada: Friend, ben: Friend, group: str, ada_hears: Listener) -> None:
    """Ben checks in privately: Ada sees that he did, and no number."""
    chapter("Ben has had a hard week and checks in privately")
    answer = ben.call("POST", "/checkins", {"groupId": group, **BEN_ANSWERS}, expect=201)
    tell(f"He sees his own score, {answer.data['huCaresScore']}.")
    told = ada_hears.next("friend-checked-in", answer.sent_at)
    require(told["huCaresScore"] is None, f"Ada was told the private score {told['huCaresScore']}")
    rows = ada.call("GET", f"/checkins/group/{group}").data
    row: dict[str, Any] = next((row for row in rows if row["userId"] == ben.user_id), {})
    require(row.get("hidden") is True, "Ben's check-in is not hidden in Ada's list")
    numbers = {name: row[name] for name in ("productive", "huCaresScore", "reflectionNote") if row[name] is not None}
    require(not numbers, f"Ada's list shows {numbers}")
    tell("Ada sees that he checked in and not one number, on her socket and in the list.")


# --- The friends and their wires ------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """A response, and when its request was sent."""

    document: dict[str, Any]
    sent_at: float

    @property
    def data(self) -> Any:
        """What a success holds."""
        return self.document["data"]

    @property
    def error(self) -> Any:
        """What a failure holds."""
        return self.document["error"]


class Friend:
    """Somebody with a REST client: one kept connection, and a token after registering."""

    def __init__(self, name: str, server: SplitResult) -> None:
        kind = http.client.HTTPSConnection if server.scheme == "https" else http.client.HTTPConnection
        self.name = name
        self.server = server
        self.connection = kind(server.hostname or "", server.port, timeout=PATIENCE * 2)
        self.username = f"{name}_{secrets.token_hex(3)}"
        self.user_id = self.token = ""

    def register(self) -> None:
        """Open an account with a password that nobody will know."""
        body = {"username": self.username, "email": f"{self.username}@example.com"}
        password = secrets.token_urlsafe(16) + "aZ7"
        data = self.call("POST", "/auth/register", {**body, "password": password}, expect=201).data
        self.user_id, self.token = data["user"]["id"], data["accessToken"]

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, *, expect: int = 200) -> Answer:
        """Send a request and print it. Raises `Unexpected` unless the answer has the expected status."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        sent_at = time.perf_counter()
        payload = None if body is None else json.dumps(body)
        self.connection.request(method, f"{self.server.path}/api/v1{path}", payload, headers)
        response = self.connection.getresponse()
        text = response.read()
        call = f"{method} {shortened(path)}"
        wire(self.name, "→", f"{call}  {response.status}", sent_at, time.perf_counter())
        document = decoded(text, call)
        if response.status != expect:
            error = document.get("error", {})
            raise Unexpected(
                f"{call} was answered with {response.status} instead of {expect}: {error.get('message', text[:200])}"
            )
        return Answer(document, sent_at)


class Listener:
    """Somebody's socket in a group; a thread notes when each frame arrives."""

    def __init__(self, friend: Friend, group: str) -> None:
        scheme = "wss" if friend.server.scheme == "https" else "ws"
        self.friend = friend
        self.url = f"{scheme}://{friend.server.netloc}{friend.server.path}/ws"
        self.group = group
        self.frames: queue.Queue[tuple[float, dict[str, Any]]] = queue.Queue()
        self.passed_over: list[tuple[float, dict[str, Any]]] = []

    def __enter__(self) -> Self:
        self.socket: ClientConnection = connect(self.url, open_timeout=PATIENCE)
        threading.Thread(target=self.listen, daemon=True).start()
        self.send("authenticate", {"accessToken": self.friend.token})
        self.send("join-group", {"groupId": self.group}, ref="join")
        return self

    def __exit__(self, *problem: object) -> None:
        self.socket.close()

    def listen(self) -> None:
        """Note every frame, until the socket is closed."""
        try:
            for text in self.socket:
                self.frames.put((time.perf_counter(), decoded(text, "a frame")))
        except (WebSocketException, Unexpected):
            return  # whoever waits for a frame will say that it did not come

    def send(self, event: str, data: dict[str, Any], ref: str | None = None) -> None:
        """Send a frame and wait for its answer."""
        sent_at = time.perf_counter()
        self.socket.send(json.dumps({"event": event, "data": data} | ({"ref": ref} if ref else {})))
        wire(self.friend.name, "→", f"socket: {event}")
        self.next("ack" if ref else "ready", sent_at)

    def next(self, event: str, since: float) -> dict[str, Any]:
        """The data of the next such frame; others are kept for later. Raises `Unexpected` if it does not come."""
        deadline = time.monotonic() + PATIENCE
        arrived, frame = self.take(event) or self.wait(event, deadline)
        number = f"  (no. {frame['seq']} of the group)" if "seq" in frame else ""
        wire(self.friend.name, "←", f"socket: {event}{number}", since, arrived)
        data: dict[str, Any] = frame["data"]
        return data

    def take(self, event: str) -> tuple[float, dict[str, Any]] | None:
        """A frame that came while another one was waited for."""
        found = next((item for item in self.passed_over if item[1]["event"] == event), None)
        if found:
            self.passed_over.remove(found)
        return found

    def wait(self, event: str, deadline: float) -> tuple[float, dict[str, Any]]:
        """The frame, when it arrives."""
        while True:
            try:
                item = self.frames.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                heard = ", ".join(frame["event"] for _, frame in self.passed_over) or "nothing"
                raise Unexpected(
                    f"{self.friend.name}'s socket got no {event} within {PATIENCE:g} s (only: {heard})."
                ) from None
            if item[1]["event"] == event:
                return item
            if item[1]["event"] == "error":
                raise Unexpected(f"{self.friend.name}'s socket was refused: {item[1]['data']['message']}")
            self.passed_over.append(item)


def decoded(text: str | bytes, source: str) -> dict[str, Any]:
    """A JSON object. Raises `Unexpected` for anything else."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Unexpected(f"{source} brought no JSON object: is this a HuCares server?")
    return document


def require(holds: bool, otherwise: str) -> None:
    """Raise `Unexpected` unless it holds."""
    if not holds:
        raise Unexpected(f"{otherwise}.")


# --- How it looks ---------------------------------------------------------------------------------------


def chapter(title: str) -> None:
    """Begin a part of the story."""
    print(f"\n{BOLD}{title}{PLAIN}")


def tell(sentence: str) -> None:
    """Say what has happened."""
    print(f"  {sentence}")


def wire(name: str, direction: str, what: str, since: float | None = None, until: float = 0.0) -> None:
    """One line about what went over the wire, and how long after the request that caused it."""
    took = f"{(until - since) * 1000:7.1f} ms" if since is not None else ""
    print(f"{DIM}    {name} {direction} {what:<52}{took}{PLAIN}".rstrip())


def shortened(path: str) -> str:
    """A path with its UUIDs cut short."""
    return "/".join(f"{part[:4]}…" if len(part) == 36 else part for part in path.split("/"))


if __name__ == "__main__":
    sys.exit(main())
