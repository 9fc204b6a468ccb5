"""The registry of kinds: what a notification is called, what it says, where it leads, and when it has had its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.preferences import NOTIFICATION_DEFAULTS


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notification. `title`, `message` and `path` are filled in with the notification's `data`."""

    name: str
    preference: str  # its key in the person's notification preferences
    title: str
    message: str
    path: str  # below `PUBLIC_URL`
    ends_with: str = ""  # the member of `data` that says when it has had its time; else that is after 30 days

    @property
    def channels(self) -> dict[str, bool]:
        """By which ways (`inApp`, `email`, `push`) it comes to whoever has chosen nothing."""
        return dict(NOTIFICATION_DEFAULTS[self.preference])

    def text(self, data: dict[str, Any]) -> tuple[str, str]:
        """(title, message) for this data. Raises `KeyError` when the data lacks what the text names."""
        return self.title.format_map(data), self.message.format_map(data)

    def link(self, data: dict[str, Any]) -> str:
        """Where it leads, as an absolute URL. Raises `KeyError` when the data lacks what the path names."""
        return settings.PUBLIC_URL + self.path.format_map(data)

    def expiry(self, data: dict[str, Any], now: datetime) -> datetime:
        """When a notification made now is no longer shown."""
        return datetime.fromisoformat(data[self.ends_with]) if self.ends_with else now + settings.NOTIFICATION_RETENTION


FRIEND_CHECK_IN = Kind(
    name="friend_check_in",
    preference="friendCheckIn",
    title="{username} checked in",
    message="{username} has checked in to {groupName}. Have a look at how it went.",
    path="/groups/{groupId}",
)
GROUP_INVITATION = Kind(
    name="group_invitation",
    preference="groupInvitation",
    title="{invitedBy} invites you to {groupName}",
    message="{invitedBy} would like you to join {groupName}. The access code is {accessCode}.",
    path="/join/{accessCode}",
)
WEEKLY_REMINDER = Kind(
    name="weekly_reminder",
    preference="weeklyReminder",
    title="How was it?",
    message="You have not checked in to {groupName} yet. There is still time.",
    path="/groups/{groupId}",
    ends_with="endsAt",
)

KINDS = {kind.name: kind for kind in (FRIEND_CHECK_IN, GROUP_INVITATION, WEEKLY_REMINDER)}
