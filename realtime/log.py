"""The event log: append to it, read it, and turn its rows into frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from accounts.models import User
from checkins.models import CheckIn
from realtime.events import CheckInSaved, Erased, Event, FriendCheckedIn, frame
from realtime.models import GroupEvent, GroupLog


@dataclass(frozen=True, slots=True)
class GroupFrame:
    """One event of a group, encoded: what its author's sockets get, and what everybody else's get."""

    group_id: UUID
    seq: int
    author_id: UUID | None
    text: str
    author_text: str

    def for_user(self, user_id: UUID) -> str:
        """The text that this person's sockets get."""
        return self.author_text if user_id == self.author_id else self.text


def record_check_in(check_in: CheckIn) -> GroupFrame:
    """Write a new check-in into its group's log. The author must be loaded."""
    event = append(check_in.group_id, "friend-checked-in", subject=check_in.user, checkInId=str(check_in.pk))
    return encode_event(event, check_in)


def append(group_id: UUID, event: str, *, subject: User, **data: Any) -> GroupEvent:
    """Write an event into a group's log, inside the transaction that causes it.

    The counter's row stays locked until that transaction ends: call this late in it. Numbers then grow in commit
    order, and a rollback takes its number back.
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


def is_kept(group_id: UUID, seq: int) -> bool:
    """Whether the log still has this event."""
    return GroupEvent.objects.filter(group=group_id, seq=seq).exists()


def frames(events: Iterable[GroupEvent]) -> list[GroupFrame]:
    """Encode events that were read back, by the privacy in force now; in one query, however many there are."""
    events = list(events)
    ids = {event.data["checkInId"] for event in events if "checkInId" in event.data}
    check_ins = {str(row.pk): row for row in CheckIn.objects.with_author().filter(pk__in=ids)}
    return [encode_event(event, check_ins.get(event.data.get("checkInId", ""))) for event in events]


def encode_event(event: GroupEvent, check_in: CheckIn | None) -> GroupFrame:
    """Encode one event. A check-in deleted since then has no score any more."""
    told, told_author = spoken(event, check_in)
    text = frame(told, seq=event.seq)
    author_text = text if told_author is told else frame(told_author, seq=event.seq)
    return GroupFrame(event.group_id, event.seq, event.subject_id, text, author_text)


def spoken(event: GroupEvent, check_in: CheckIn | None) -> tuple[Event, Event]:
    """(what others hear, what the author hears) of a row of the log. The subject must be loaded."""
    if event.subject is None:
        erased = Erased(group_id=event.group_id)
        return erased, erased
    heard = FriendCheckedIn(
        user_id=event.subject.pk,
        username=event.subject.username,
        group_id=event.group_id,
        hu_cares_score=None if check_in is None or check_in.hides_numbers else check_in.hu_cares_score,
        timestamp=event.created_at if check_in is None else check_in.submitted_at,
    )
    return heard, CheckInSaved(group_id=event.group_id, check_in_id=UUID(event.data["checkInId"]))
