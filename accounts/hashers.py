"""How passwords are hashed, and how many at a time."""

from __future__ import annotations

import os

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher

from hucares.slots import Slots


def slots_per_process() -> int:
    """The cores divided among the processes, but never all of the threads that answer requests."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores // settings.WEB_CONCURRENCY, settings.HTTP_THREADS - 2))


SLOTS = Slots(slots_per_process(), waiting=1)


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id with two passes over 19 MiB in one lane: OWASP's first choice for sign-in forms.

    Source: OWASP Password Storage Cheat Sheet. Raises `ServiceUnavailable` when too many hash at once.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """The hash of a password."""
        with SLOTS.one():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Whether the password has this hash."""
        with SLOTS.one():
            return super().verify(password, encoded)


class FormerHasher(PBKDF2PasswordHasher):
    """Django's own, for hashes that were made before: they become Argon2id at the next sign-in.

    Raises `ServiceUnavailable` when too many hash at once.
    """

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """The hash of a password; verifying computes it too."""
        with SLOTS.one():
            return super().encode(password, salt, iterations)
