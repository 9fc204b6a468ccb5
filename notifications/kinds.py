"""The registry of kinds: what a notification is called, what it says, which preference governs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notification. `title` and `message` are filled in with the notification's `data`."""

    name: str
    preference: str  # its key in the person's notification preferences
    title: str
    message: str

    def text(self, data: dict[str, Any]) -> tuple[str, str]:
        """(title, message) for this data. Raises `KeyError` when the data lacks what the text names."""
        return self.title.format_map(data), self.message.format_map(data)


FRIEND_CHECK_IN = Kind(
    name="friend_check_in",
    preference="friendCheckIn",
    title="{username} checked in",
    message="{username} has checked in to {groupName}. Have a look at how it went.",
)
GROUP_INVITATION = Kind(
    name="group_invitation",
    preference="groupInvitation",
    title="{invitedBy} invites you to {groupName}",
    message="{invitedBy} would like you to join {groupName}. The access code is {accessCode}.",
)
WEEKLY_REMINDER = Kind(
    name="weekly_reminder",
    preference="weeklyReminder",
    title="How was it?",
    message="You have not checked in to {groupName} yet. There is still time.",
)

KINDS = {kind.name: kind for kind in (FRIEND_CHECK_IN, GROUP_INVITATION, WEEKLY_REMINDER)}
