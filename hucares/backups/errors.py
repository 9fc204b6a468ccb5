"""What keeps a backup from being made, checked or restored."""

from __future__ import annotations


class BackupError(Exception):
    """Something is missing or damaged; the text says what, for an operator, and holds nothing secret."""
