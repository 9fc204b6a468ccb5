"""The event log: append to it, and read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection

from accounts.models import User
from hucares.errors import ValidationFailed
from realtime.models import GroupEvent, GroupLog


def append(group_id: UUID, event: str, *, subject: User | None = None, **data: Any) -> GroupEvent:
    """Write an event into a group's log, inside the transaction that causes it.

    `subject` is whom it tells of, if anybody. The counter's row stays locked until that transaction ends: call this
    late in it. Numbers then grow in commit order, and a rollback takes its number back.
    """
    assert connection.in_atomic_block, "an event belongs to the transaction that causes it"
    seq = next_seq(group_id)
    return GroupEvent.objects.create(group_id=group_id, seq=seq, event=event, subject=subject, data=data)


def next_seq(group_id: UUID) -> int:
    """Count the group's log up by one, beginning it with the first event."""
    uuid_column = GroupLog._meta.get_field("epoch")
    values = [uuid_column.get_db_prep_value(value, connection) for value in (group_id, uuid4())]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO group_logs (group_id, epoch, head) VALUES (%s, %s, 1)"
            " ON CONFLICT (group_id) DO UPDATE SET head = group_logs.head + 1 RETURNING head",
            values,
        )
        return int(cursor.fetchone()[0])


def log_of(group_id: UUID) -> GroupLog:
    """The group's counter and epoch; begun if there is none yet."""
    return GroupLog.objects.get_or_create(group_id=group_id)[0]


def read(group_id: UUID, since: int, until: int) -> list[GroupEvent]:
    """The events with `since` < seq <= `until`, in order."""
    events = GroupEvent.objects.filter(group=group_id, seq__gt=since, seq__lte=until)
    return list(events.select_related("subject").order_by("seq"))


@dataclass(frozen=True, slots=True)
class Replay:
    """What somebody missed: events in order, where the log stands, or that it is too much and `resync` is due."""

    events: list[GroupEvent]
    head: int
    epoch: UUID
    resync: bool


def replay(group_id: UUID, since: int | None, epoch: str | None, limit: int | None = None) -> Replay:
    """The events after `since`, at most `limit` of them; none without `since`. Raises `ValidationFailed`.

    `epoch` is the life of the log that `since` is of: a foreign one makes `since` worth nothing.
    """
    log = log_of(group_id)
    foreign = epoch is not None and epoch != str(log.epoch)
    if since is not None and since > log.head and not foreign:
        message = "since is beyond the newest event."
        raise ValidationFailed(message, details={"since": [message]})
    if since is None or foreign or log.head - since > settings.SOCKET_REPLAY_LIMIT:
        return Replay([], log.head, log.epoch, resync=foreign or since is not None)
    until = log.head if limit is None else min(log.head, since + limit)
    events = read(group_id, since, until)
    if len(events) < until - since:  # some are no longer kept, perhaps since a moment ago
        return Replay([], log.head, log.epoch, resync=True)
    return Replay(events, log.head, log.epoch, resync=False)
