"""Fixtures for tests of check-ins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine


@pytest.fixture
def wednesday() -> Iterator[None]:
    """The week of Monday, 2 March 2026 is open."""
    with time_machine.travel("2026-03-04T12:00:00Z", tick=False):
        yield
