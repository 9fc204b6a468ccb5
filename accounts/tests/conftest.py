"""Fixtures for tests of accounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings


@pytest.fixture
def media(tmp_path: Path, settings: LazySettings) -> Path:
    """An empty folder for uploads, in place of the real one."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path
