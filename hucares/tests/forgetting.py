"""Figures that are remembered, for tests that undo what happened: then the same counters stand for something else."""

from __future__ import annotations

from uuid import uuid4

from django.core.cache import cache

from hucares.remembering import recall


def forget_figures() -> None:
    """Remember nothing of what was worked out so far in this thread."""
    cache.key_prefix = f"tests-{uuid4()}"
    recall("nothing")  # connects, for which dice are thrown: tests that load them must not be the first to do so
