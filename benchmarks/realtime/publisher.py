"""The process that publishes to both servers at a given rate, as a third one beside them would."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

import django
import redis

from benchmarks.realtime.adapter_wire import broadcast, channel_of
from benchmarks.realtime.board import Board
from benchmarks.realtime.remote import answer_calls

SCORE = 14

Send = Callable[[UUID, UUID, int], None]


@dataclass(frozen=True)
class Circle:
    """A group and its members."""

    group_id: UUID
    members: list[UUID]


@dataclass(frozen=True)
class Published:
    """`heads` are the numbers of the groups' newest messages; `cpu` is in seconds."""

    messages: int
    seconds: float
    cpu: float
    heads: list[int]


class Publisher:
    """Publishes to one of the servers; every group in turn, every member of it in turn being whom it is about."""

    def __init__(self, send: Send, circles: list[Circle], board: Board) -> None:
        self.send = send
        self.circles = circles
        self.board = board
        self.heads = [0] * len(circles)

    def publish(self, rate: float, seconds: float) -> Published:
        """So many a second, evenly; as fast as it can where that is too many."""
        count = round(rate * seconds)
        began, cpu = time.monotonic(), time.process_time()
        for number in range(count):
            wait = began + number / rate - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            self.publish_one(number % len(self.circles))
        return Published(count, time.monotonic() - began, time.process_time() - cpu, list(self.heads))

    def publish_one(self, group: int) -> None:
        """The next message of a group."""
        circle = self.circles[group]
        self.heads[group] = seq = self.heads[group] + 1
        author = circle.members[seq % len(circle.members)]
        self.board.times[self.board.place(group, seq)] = time.monotonic_ns()
        self.send(circle.group_id, author, seq)


def send_as_hucares(group_id: UUID, author: UUID, seq: int) -> None:
    """What a request thread of ours does when a check-in has been committed."""
    from realtime.events import CheckInSaved, FriendCheckedIn
    from realtime.messages import group_event
    from realtime.publish import publish
    from realtime.telling import Told

    now = datetime.now(UTC)
    event = FriendCheckedIn(
        user_id=author, username=name_of(author), group_id=group_id, hu_cares_score=SCORE, timestamp=now
    )
    author_event = CheckInSaved(group_id=group_id, check_in_id=author)
    publish(group_event(Told(group_id, seq, now, author, event, author_event)))


def sender_to_socket_io(redis_url: str) -> Send:
    """What `@socket.io/redis-emitter` does, for the same event with the same data."""
    client = redis.Redis.from_url(redis_url, socket_timeout=5)

    def send(group_id: UUID, author: UUID, seq: int) -> None:
        data = {
            "userId": str(author),
            "username": name_of(author),
            "groupId": str(group_id),
            "huCaresScore": SCORE,
            "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "seq": seq,
        }
        room = str(group_id)
        client.publish(channel_of(room), broadcast(room, "friend-checked-in", data))

    return send


def name_of(user_id: uuid.UUID) -> str:
    """A username."""
    return f"friend_{user_id.hex[:12]}"


class Publishers:
    """One for each server, for calls from another process."""

    def __init__(self, publishers: dict[str, Publisher]) -> None:
        self.publishers = publishers

    def publish(self, side: str, rate: float, seconds: float) -> Published:
        """See `Publisher.publish`."""
        return self.publishers[side].publish(rate, seconds)

    def heads(self, side: str) -> list[int]:
        """The numbers of the groups' newest messages."""
        return list(self.publishers[side].heads)


def run_publisher(pipe: Connection, circles: list[Circle], boards: dict[str, Path], redis_url: str) -> None:
    """The process. Django's settings are in its environment."""
    django.setup()
    senders = {"hucares": send_as_hucares, "socket.io": sender_to_socket_io(redis_url)}
    publishers = {side: Publisher(senders[side], circles, Board(path, len(circles))) for side, path in boards.items()}
    answer_calls(pipe, Publishers(publishers))
