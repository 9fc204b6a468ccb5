"""What notifications stores about a person."""

from __future__ import annotations

from accounts.personal_data import NOT_THEIRS, register_others, register_rows
from notifications.models import Notification

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
register_others("notifications.Notification.subject", NOT_THEIRS)
