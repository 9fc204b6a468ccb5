"""What notifications stores about a person."""

from __future__ import annotations

from accounts.personal_data import NOT_THEIRS, register_others, register_rows
from notifications.models import Notification, OutgoingPush, PushSubscription, Reminder

TO_SEND = "Whoever has it may send to the browser."

register_rows(
    "notifications",
    Notification,
    shown=(
        "id",
        "type",
        "title",
        "message",
        "data",
        "is_read",
        "is_sent",
        "created_at",
        "read_at",
        "expires_at",
    ),
    withheld={"subject_id": "It repeats what `data` says."},
)
register_rows("reminders", Reminder, shown=("id", "group_id", "period_start", "closes_at", "created_at"))
register_rows(
    "pushSubscriptions",
    PushSubscription,
    shown=("id", "session_id", "endpoint", "user_agent", "created_at", "expires_at"),
    withheld={"p256dh": TO_SEND, "auth": TO_SEND},
)
register_rows(
    "outgoingPushes",
    OutgoingPush,
    owner="subscription__user",
    shown=("id", "notification_id", "subscription_id", "due_at", "attempts", "request_id"),
)
register_others("notifications.OutgoingPush.notification", "It is shown as one of the person's outgoing pushes.")
register_others("notifications.Notification.subject", NOT_THEIRS)
