"""Every frame that travels over the socket, in both directions, a closed type each.

The only place that knows their shape on the wire: frames are written from these types and read by them, and the
AsyncAPI document is built from them.
"""

from realtime.events.answers import Ack, ErrorEvent, Heartbeat, JoinGroupAck, Ready
from realtime.events.base import COMMANDS, EVENTS, Command, Event, Message, frame, frame_of
from realtime.events.commands import (
    AuthenticateCommand,
    HeartbeatCommand,
    JoinGroupCommand,
    LeaveGroupCommand,
    UserTypingCommand,
)
from realtime.events.groups import (
    CheckInDeleted,
    CheckInSaved,
    CheckInUpdated,
    Erased,
    FriendCheckedIn,
    GroupDeleted,
    GroupUpdated,
    MemberJoined,
    MemberLeft,
    MemberUpdated,
    SettingsChanged,
)
from realtime.events.people import AllNotificationsRead, NotificationEvent, NotificationsRead
from realtime.events.presence import UserOffline, UserOnline, UserTyping

__all__ = [
    "COMMANDS",
    "EVENTS",
    "Ack",
    "AllNotificationsRead",
    "AuthenticateCommand",
    "CheckInDeleted",
    "CheckInSaved",
    "CheckInUpdated",
    "Command",
    "Erased",
    "ErrorEvent",
    "Event",
    "FriendCheckedIn",
    "GroupDeleted",
    "GroupUpdated",
    "Heartbeat",
    "HeartbeatCommand",
    "JoinGroupAck",
    "JoinGroupCommand",
    "LeaveGroupCommand",
    "MemberJoined",
    "MemberLeft",
    "MemberUpdated",
    "Message",
    "NotificationEvent",
    "NotificationsRead",
    "Ready",
    "SettingsChanged",
    "UserOffline",
    "UserOnline",
    "UserTyping",
    "UserTypingCommand",
    "frame",
    "frame_of",
]
