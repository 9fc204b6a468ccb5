"""What a socket asks of the database. Plain functions, called from a thread of the consumers' own pool."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar
from uuid import UUID

from channels.db import database_sync_to_async
from django.utils import timezone

from accounts.models import User
from accounts.sessions import Device, note_activity, require_live, still_live
from accounts.tokens import read_access_token
from groups.access import membership_of, visit
from groups.models import Membership
from hucares.errors import NotFound
from notifications.models import Notification
from realtime import log, presence
from realtime.metrics import REPLAYS_BY_SOCKET
from realtime.models import GroupLog
from realtime.telling import Told, tell

P = ParamSpec("P")
R = TypeVar("R")
THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="socket")


def in_thread(function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """Make a plain function awaitable: it runs on the sockets' threads, each with its own database connection."""
    wrapped: Callable[P, Awaitable[R]] = database_sync_to_async(function, thread_sensitive=False, executor=THREADS)
    return wrapped


@dataclass(frozen=True, slots=True)
class Joined:
    """Where a socket stands in a group's log after joining: what it missed, and where live events go on."""

    head: int
    epoch: UUID
    resync: bool
    missed: list[Told]
    online: list[UUID]


@dataclass(frozen=True, slots=True)
class SignIn:
    """Whose socket it is, and which sign-in session. The rows themselves would take 4 KiB for every open socket."""

    session_id: UUID
    user_id: UUID

    @property
    def user(self) -> User:
        """The person by their id, for queries: nothing else of them is known."""
        return User(pk=self.user_id)


@in_thread
def authenticate(token: str) -> tuple[SignIn, datetime]:
    """Who an access token belongs to, and until when it is good. Raises what is wrong with it."""
    claims = read_access_token(token)
    session = require_live(claims.session_id)
    note_activity(session)
    return SignIn(session.pk, session.user_id), datetime.fromtimestamp(claims.expires_at, UTC)


@in_thread
def open_socket(sign_in: SignIn, socket_id: str, device: Device) -> UUID:
    """The socket's row, by its id. Raises `TooManySockets`, or `SessionRevoked` for a session that has ended before
    the socket could hear of it.
    """
    return presence.open_socket(sign_in.session_id, socket_id, device).pk


@in_thread
def close_socket(row_id: UUID) -> None:
    """Stamp the socket's row."""
    presence.close_socket(row_id)


@in_thread
def sweep() -> None:
    """Tell of everybody who has gone offline."""
    while presence.sweep():
        pass


@in_thread
def check(sockets: dict[UUID, UUID]) -> tuple[set[UUID], set[UUID]]:
    """Vouch for sockets that are open, given with their sign-in sessions.

    Returns those whose session has ended, and those that count as gone although they are open.
    """
    live = still_live(sockets.values())
    ended = {socket for socket, session in sockets.items() if session not in live}
    presence.vouch_for(sockets)
    return ended, presence.lost(sockets) - ended


@in_thread
def count_unread(user_id: UUID) -> int:
    """How many notifications wait for this person."""
    return Notification.objects.count_unread([user_id]).get(user_id, 0)


@in_thread
def join(user: User, group_id: UUID, since: int | None, epoch: str | None) -> Joined:
    """Check the membership and read what was missed. Raises `NotFound` or `ValidationFailed`.

    It is checked again afterwards: a removal in between is behind the head, where the socket would never meet it.
    """
    visit(user, group_id)
    missed = log.replay(group_id, since, epoch)
    membership_of(user, group_id)
    if since is not None:
        REPLAYS_BY_SOCKET.inc()
    online = presence.online_members(group_id)
    return Joined(missed.head, missed.epoch, missed.resync, tell(missed.events), online)


@in_thread
def missed_events(user: User, group_id: UUID, since: int) -> list[Told]:
    """Every event after `since`, up to the one that is the last for this person.

    Raises `NotFound` for somebody who is no member, though the log does not say since when.
    """
    is_member = Membership.objects.standing(user, group_id).exists()  # first: what ended it is in the log by then
    missed = tell(log.read(group_id, since, log.log_of(group_id).head))
    for count, event in enumerate(missed, 1):
        if event.is_last_for(user.pk):
            return missed[:count]
    if not is_member:
        raise NotFound
    return missed


@dataclass(frozen=True, slots=True)
class Around:
    """How things stand for many sockets: sessions that live, unread notifications by person, logs by group."""

    server_time: datetime
    live: set[UUID]
    unread: dict[UUID, int]
    logs: dict[UUID, GroupLog]


@in_thread
def look_around(sign_ins: Collection[SignIn], group_ids: Collection[UUID]) -> Around:
    """How things stand for these sockets and groups, in three statements however many they are."""
    return Around(
        server_time=timezone.now(),
        live=still_live([sign_in.session_id for sign_in in sign_ins]),
        unread=Notification.objects.count_unread([sign_in.user_id for sign_in in sign_ins]),
        logs=GroupLog.objects.in_bulk(group_ids),
    )
