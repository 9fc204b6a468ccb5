"""Figures that are remembered, for tests that undo what happened: then the same counters stand for something else."""

from __future__ import annotations

from uuid import uuid4

from django.core.cache import cache


def forget_figures() -> None:
    """Remember nothing of what was worked out so far in this thread."""
    cache.key_prefix = f"tests-{uuid4()}"
