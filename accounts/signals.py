"""What accounts tells the rooms above it."""

from django.dispatch import Signal

# What others may see of somebody is about to change, in this transaction. Argument: `user_id`.
privacy_changed = Signal()

# Sign-in sessions have ended, in this transaction. Arguments: `user_id`, `session_ids` (a list).
sessions_ended = Signal()

# A mail was sent, and that is noted. Arguments: `mail`, `letter` (what it said).
mail_sent = Signal()
