"""How the rows of the log are told: as which event, with what in it, to whom.

What may change is read when it is told, not kept in the log: names, and scores by the privacy in force then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from checkins.models import CheckIn
from realtime.events import (
    CheckInDeleted,
    CheckInSaved,
    CheckInUpdated,
    Erased,
    Event,
    FriendCheckedIn,
    GroupDeleted,
    MemberJoined,
    MemberLeft,
    MemberUpdated,
    SettingsChanged,
    frame,
)
from realtime.models import GroupEvent

EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a group, as its author's own sockets hear it, and as everybody else's do."""

    group_id: UUID
    seq: int
    created_at: datetime
    author_id: UUID | None
    event: Event
    author_event: Event

    def event_for(self, user_id: UUID) -> Event:
        """The event that this person hears."""
        return self.author_event if user_id == self.author_id else self.event

    def text_for(self, user_id: UUID) -> str:
        """The frame that this person's sockets get."""
        return frame(self.event_for(user_id), seq=self.seq)

    @property
    def ends_for(self) -> str | None:
        """Who hears nothing more of the group after it: a person's id, `EVERYBODY`, or None for nobody."""
        if isinstance(self.event, MemberLeft):
            return str(self.event.user_id)
        return EVERYBODY if isinstance(self.event, GroupDeleted) else None

    def is_last_for(self, user_id: UUID) -> bool:
        """Whether this person hears nothing more of the group after it."""
        return self.ends_for in {str(user_id), EVERYBODY}


def tell(events: Iterable[GroupEvent]) -> list[Told]:
    """Events that were read back; in one query, however many there are. Their subjects must be loaded."""
    events = list(events)
    ids = {event.data["checkInId"] for event in events if "checkInId" in event.data}
    check_ins = {str(row.pk): row for row in CheckIn.objects.with_author().filter(pk__in=ids)} if ids else {}
    return [told(event, check_ins.get(event.data.get("checkInId", ""))) for event in events]


def told(event: GroupEvent, check_in: CheckIn | None = None) -> Told:
    """One event; `check_in` is the one that it names, or None if that was deleted since."""
    heard = heard_of(event, check_in)
    author_heard: Event = heard
    if isinstance(heard, FriendCheckedIn):
        author_heard = CheckInSaved(group_id=event.group_id, check_in_id=UUID(event.data["checkInId"]))
    return Told(event.group_id, event.seq, event.created_at, event.subject_id, heard, author_heard)


def heard_of(event: GroupEvent, check_in: CheckIn | None) -> Event:
    """What others hear. An event whose person was erased since only keeps the numbering whole."""
    if event.event in OF_GROUPS:
        return OF_GROUPS[event.event](event)
    if event.subject is None:
        return Erased(group_id=event.group_id)
    if event.event in OF_MEMBERS:
        return OF_MEMBERS[event.event](event, event.subject)
    return OF_CHECK_INS[event.event](event, event.subject, check_in)


def score_in(check_in: CheckIn | None) -> int | None:
    """The score that others may see in an event."""
    return None if check_in is None or check_in.hides_numbers else check_in.hu_cares_score


def friend_checked_in(event: GroupEvent, author: User, check_in: CheckIn | None) -> Event:
    """A new check-in."""
    return FriendCheckedIn(
        user_id=author.pk,
        username=author.username,
        group_id=event.group_id,
        hu_cares_score=score_in(check_in),
        timestamp=event.created_at if check_in is None else check_in.submitted_at,
    )


def check_in_updated(event: GroupEvent, author: User, check_in: CheckIn | None) -> Event:
    """A check-in that was changed."""
    check_in_id = UUID(event.data["checkInId"])
    score = score_in(check_in)
    return CheckInUpdated(group_id=event.group_id, check_in_id=check_in_id, user_id=author.pk, hu_cares_score=score)


def check_in_deleted(event: GroupEvent, author: User, check_in: CheckIn | None) -> Event:
    """A check-in that was deleted."""
    return CheckInDeleted(group_id=event.group_id, check_in_id=UUID(event.data["checkInId"]), user_id=author.pk)


def member_joined(event: GroupEvent, member: User) -> Event:
    """Somebody who came in."""
    return MemberJoined(group_id=event.group_id, user_id=member.pk, username=member.username, role=event.data["role"])


def member_left(event: GroupEvent, member: User) -> Event:
    """Somebody who is no member any more."""
    return MemberLeft(group_id=event.group_id, user_id=member.pk, reason=event.data["reason"])


def member_updated(event: GroupEvent, member: User) -> Event:
    """A member with another role or other permissions."""
    role, permissions = event.data["role"], event.data["permissions"]
    return MemberUpdated(group_id=event.group_id, user_id=member.pk, role=role, permissions=permissions)


def member_erased(event: GroupEvent) -> Event:
    """A member whose account is gone: the id, which leads to nobody any more, is all that is kept."""
    return MemberLeft(group_id=event.group_id, user_id=UUID(event.data["userId"]), reason=event.data["reason"])


def settings_changed(event: GroupEvent) -> Event:
    """A group with other settings."""
    return SettingsChanged(group_id=event.group_id, fields=event.data["fields"])


def group_deleted(event: GroupEvent) -> Event:
    """A group that has ended."""
    return GroupDeleted(group_id=event.group_id)


# What each kind of row is told as: those about a check-in, about a member, and about the group itself.
OF_CHECK_INS: dict[str, Callable[[GroupEvent, User, CheckIn | None], Event]] = {
    "friend-checked-in": friend_checked_in,
    "check-in-updated": check_in_updated,
    "check-in-deleted": check_in_deleted,
}
OF_MEMBERS: dict[str, Callable[[GroupEvent, User], Event]] = {
    "member-joined": member_joined,
    "member-left": member_left,
    "member-updated": member_updated,
}
OF_GROUPS: dict[str, Callable[[GroupEvent], Event]] = {
    "member-erased": member_erased,
    "settings-changed": settings_changed,
    "group-deleted": group_deleted,
}
