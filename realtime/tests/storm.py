"""A storm: many write into a few groups while many clients come and go, and at the end each must have heard it all.

Every throw of the dice comes from one seed, which a failure tells.
"""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from accounts.models import User
from accounts.tests.builders import make_session, make_user, signed_in
from accounts.tokens import access_token
from checkins.models import CheckIn
from checkins.services import change_check_in, delete_check_in
from checkins.tests.builders import make_check_in
from groups.models import Group, Membership, Role
from groups.services import update_group
from groups.tests.builders import make_group
from hucares.tests.answers import data_of
from realtime.tests.group_frames import url
from realtime.tests.live import Client, SocketOpener

GROUPS = 3
WRITERS = 8
READERS = 4
CLIENTS = 20
TRANSACTIONS = 8  # of each writer
BETWEEN_GUSTS = 6  # transactions, of all writers together
ROLLED_BACK = 0.1  # of the transactions
LEAVING = 0.03  # the chance that a client goes before its next frame
ABRUPT = 0.5  # of those who go, so many do so without a word
BUSY_PATIENCE = 60.0  # seconds; only a broken test waits that long, but a storm may take all that a machine has
MAY_CHANGE = {"huCaresScore", "timestamp"}  # in the telling of an event, once its check-in has changed


class ChangedItsMind(Exception):
    """A transaction is rolled back by whoever began it."""


class Storm:
    """The people, the groups, and everything that is going on. `gust` is called again and again while it lasts."""

    def __init__(self, opener: SocketOpener, gust: Callable[[], None]) -> None:
        self.opener, self.gust = opener, gust
        self.seed = random.randrange(1_000_000)
        self.writers = [make_user(f"writer_{number}_{self.seed}") for number in range(WRITERS)]
        self.readers = [make_user(f"reader_{number}_{self.seed}") for number in range(READERS)]
        self.groups = [make_group(*self.writers, *self.readers, max_members=20) for _ in range(GROUPS)]
        Membership.objects.filter(user__in=self.writers).update(role=Role.ADMIN, notification_enabled=False)
        self.counted = threading.Lock()
        self.transactions = 0
        self.committed = 0  # events
        self.is_over = threading.Event()

    def dice(self, name: str) -> random.Random:
        """Somebody's own dice: threads meet differently each time, but each does the same again."""
        return random.Random(f"{self.seed} {name}")

    def rage(self) -> list[Listener]:
        """Let everybody loose; what each client has heard, once nothing is under way any more."""
        people = [*self.writers, *self.readers]
        listeners = [Listener(self, number, people[number % len(people)]) for number in range(CLIENTS)]
        try:
            with ThreadPoolExecutor(CLIENTS + 1) as threads:
                heard = [threads.submit(in_thread, listener.run) for listener in listeners]
                threads.submit(self.write_everything).result()
                for future in heard:
                    future.result()
        except BaseException as error:
            error.add_note(f"the storm's seed was {self.seed}")
            raise
        return listeners

    def write_everything(self) -> None:
        """Everything that is written, by all at once."""
        try:
            with ThreadPoolExecutor(WRITERS) as threads:
                list(threads.map(lambda writer: in_thread(lambda: self.write(writer)), self.writers))
        finally:
            self.is_over.set()

    def write(self, writer: User) -> None:
        """What one of them writes; some of it is taken back before it is committed."""
        dice, token = self.dice(writer.username), access_token(make_session(writer))
        for number in range(TRANSACTIONS):
            group = dice.choice(self.groups)
            if dice.random() < 0.2:
                changes = {"description": f"{writer.username} {number}"}
                status, answer = self.opener.call("PUT", url(group), changes, token)
                assert status == 200, answer
                self.count(1)
                continue
            verbs = [dice.choice([check_in_or_out, answer_differently, describe]) for _ in range(dice.randint(1, 3))]
            try:
                with transaction.atomic():
                    for verb in verbs:
                        verb(writer, group, dice)
                    if dice.random() < ROLLED_BACK:
                        raise ChangedItsMind
            except ChangedItsMind:
                continue
            self.count(len(verbs))

    def count(self, events: int) -> None:
        """One more transaction is committed, with so many events."""
        with self.counted:
            self.committed += events
            self.transactions += 1
            if self.transactions % BETWEEN_GUSTS == 0:
                self.gust()


def check_in_or_out(writer: User, group: Group, dice: random.Random) -> None:
    """One event: a check-in, or the end of the one that is there."""
    check_in = CheckIn.objects.filter(user=writer, group=group).first()
    if check_in is None:
        make_check_in(writer, group, productive_score=dice.randint(1, 10))
    else:
        delete_check_in(user=writer, check_in_id=check_in.pk)


def answer_differently(writer: User, group: Group, dice: random.Random) -> None:
    """One event: a check-in that is changed, or made if there is none."""
    check_in = CheckIn.objects.filter(user=writer, group=group).first()
    if check_in is None:
        make_check_in(writer, group)
    else:
        change_check_in(user=writer, check_in_id=check_in.pk, body_score=check_in.body_score % 10 + 1)


def describe(writer: User, group: Group, dice: random.Random) -> None:
    """One event: other settings of the group."""
    update_group(user=writer, group_id=group.pk, description=str(dice.random()))


class Listener:
    """A client that keeps what it has heard of each group, and asks for the rest whenever it comes back."""

    def __init__(self, storm: Storm, number: int, user: User) -> None:
        self.storm, self.user = storm, user
        self.dice = storm.dice(f"client {number}")
        self.token = access_token(make_session(user))
        self.heard: dict[UUID, list[dict[str, Any]]] = {group.pk: [] for group in self.dice.sample(storm.groups, 2)}
        self.epochs: dict[UUID, str] = {}
        self.comes_back_at_the_end = number % 2 == 0
        self.visits = 0

    def run(self) -> None:
        """Come and go until the storm is over; then hear the rest, and that there is nothing more."""
        while self.visit():
            pass

    def visit(self) -> bool:
        """One connection. Whether another one is to follow."""
        self.visits += 1
        with self.storm.opener.open() as client:
            client.is_checked, client.patience = False, BUSY_PATIENCE
            client.authenticate(self.token)
            for group_id in self.heard:
                self.join(client, group_id)
            if self.visits == 1 and not self.comes_back_at_the_end:
                self.listen(client)
                return self.leave(client)  # however short the storm is, half of them come and go in it
            while not self.storm.is_over.is_set():
                if self.dice.random() < LEAVING:
                    return self.leave(client)
                self.listen(client)
            if self.comes_back_at_the_end:
                self.comes_back_at_the_end = False
                return self.leave(client)
            self.take(client.ask("heartbeat")["before"])  # has brought whatever was missed
            self.take(client.fence())
            return False

    def leave(self, client: Client) -> bool:
        """Go, politely or not."""
        if self.dice.random() < ABRUPT:
            client.connection.socket.shutdown(socket.SHUT_RDWR)
        return True

    def join(self, client: Client, group_id: UUID) -> None:
        """Ask for what has happened in a group since it was last heard of, and for what will."""
        known = {"epoch": self.epochs[group_id]} if group_id in self.epochs else {}
        answer = client.join(group_id, since=len(self.heard[group_id]), **known)
        self.take(answer["before"])
        assert not answer["data"]["resync"]
        assert answer["data"]["head"] == len(self.heard[group_id])
        self.epochs[group_id] = answer["data"]["epoch"]

    def listen(self, client: Client) -> None:
        """Mostly the next frame; at times a heartbeat, or a group is left and joined again."""
        what = self.dice.random()
        if what < 0.02:
            group_id = self.dice.choice([*self.heard])
            self.take(client.ask("leave-group", {"groupId": str(group_id)})["before"])
            self.join(client, group_id)
        elif what < 0.04:
            self.take(client.ask("heartbeat")["before"])
        else:
            try:
                self.take([client.receive(patience=1.0)])
            except TimeoutError:
                self.take(client.ask("heartbeat")["before"])

    def take(self, frames: Iterable[dict[str, Any]]) -> None:
        """Keep what is of a group: the next event, and never another one."""
        for frame in frames:
            if "seq" in frame:
                heard = self.heard[UUID(frame["data"]["groupId"])]
                assert frame["seq"] == len(heard) + 1, (self.user.username, self.visits, frame, heard[-1:])
                heard.append(frame)


def in_thread(work: Callable[[], None]) -> None:
    """Do this with a database connection that ends with it."""
    try:
        work()
    finally:
        connections.close_all()


def log_of(group: Group, user: User) -> list[tuple[Any, ...]]:
    """What the whole log tells somebody over HTTP, page by page."""
    client, events, head = signed_in(user), [], 1
    while len(events) < head:
        page = data_of(client.get(url(group, "events"), {"since": len(events)}))
        events, head = events + page["events"], page["head"]
    return [told(event) for event in events]


def told(event: dict[str, Any]) -> tuple[Any, ...]:
    """What an event is, be it a frame or read over HTTP, without what may be told differently later."""
    data = {name: value for name, value in event["data"].items() if name not in MAY_CHANGE}
    if isinstance(inner := data.get("data"), dict):
        data["data"] = {name: value for name, value in inner.items() if name not in MAY_CHANGE}
    return event["seq"], event["event"], data
