"""How passwords are hashed."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id with two passes over 19 MiB in one lane: OWASP's first choice for sign-in forms.

    Source: OWASP Password Storage Cheat Sheet. About 50 ms, and a bounded 19 MiB, a sign-in.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
