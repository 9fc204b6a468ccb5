"""What notifications tells the room above it. Both are sent inside the transaction that changes the rows."""

from django.dispatch import Signal

# Rows were written. Argument: `notifications`, a list of `Notification`.
notifications_created = Signal()

# A person read some, or all. Arguments: `user_id`, `ids` (a list, or None for all).
notifications_read = Signal()
