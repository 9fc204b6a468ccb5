"""Codes that let somebody into a group."""

from __future__ import annotations

import secrets

# Without 0 and O, 1, I and L, 5 and S, 2 and Z, 8 and B: people read codes aloud and copy them by hand.
ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
LENGTH = 8


def new_access_code() -> str:
    """A fresh code: 8 characters from a cryptographic source, 37 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
