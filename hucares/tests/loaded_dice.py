"""Chance that comes out the same each time, so that what happens twice leaves the same bytes behind."""

from __future__ import annotations

import hashlib
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from unittest.mock import patch


@contextmanager
def loaded_dice(seed: str = "") -> Iterator[None]:
    """Whatever the operating system gives as random bytes follows from the seed and from what was given before.

    Ids, codes, tokens and salts are made of them. It holds for this thread; others go on drawing by chance.
    """
    drawn, chance, thread = count(), os.urandom, threading.get_ident()

    def draw(size: int) -> bytes:
        if threading.get_ident() != thread:
            return chance(size)
        return hashlib.shake_128(f"{seed} {next(drawn)}".encode()).digest(size)

    # `random` has taken its own reference when it was imported; `secrets` draws through it.
    with patch.object(os, "urandom", draw), patch.object(random, "_urandom", draw):
        yield
