"""What groups tells the rooms above it. Each is sent inside the transaction that changes the rows, by its service.

These are signals of their own, not saves of `Membership` and `Group`: a saved row does not say why it was saved, and
"left" looks like "removed" in it.
"""

from django.dispatch import Signal

# Somebody came in, or came back. Argument: `membership`, with its group and person.
member_joined = Signal()

# Somebody is no member any more. Arguments: `membership`, `reason` (a `groups.models.Departure`).
member_left = Signal()

# A member has another role or other permissions. Argument: `membership`.
member_updated = Signal()

# A group has other settings. Arguments: `group`, `fields` (a list of names of its columns).
settings_changed = Signal()

# A group has ended. Argument: `group`.
group_ended = Signal()

# A member asks somebody with an account to come in. Arguments: `membership` (the asker's), `user`.
member_invited = Signal()
