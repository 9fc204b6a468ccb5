"""A migration that the version before could not live beside is refused."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hucares.tests.fresh_process import ROOT

pytestmark = pytest.mark.needs_servers  # it starts one
MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("realtime", "0001_initial")]
    operations = [migrations.RemoveField("usersession", "user_agent")]
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The checkout, as far as migrations go."""
    kept = ["hucares", "accounts", "groups", "checkins", "analytics", "notifications", "realtime", "tools"]
    for name in kept:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "tests", "static"))
    (tmp_path / "hucares" / "static").mkdir()
    return tmp_path


def lint(copy: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tools/lint_migrations.py"], cwd=copy, capture_output=True, text=True, check=False
    )


def test_one_that_takes_a_column_away_is_refused_and_those_that_there_are_pass(copy: Path) -> None:
    pytest.importorskip("django_migration_linter")
    passed = lint(copy)
    assert passed.returncode == 0, passed.stdout + passed.stderr

    (copy / "realtime" / "migrations" / "0002_takes_away.py").write_text(MIGRATION)
    refused = lint(copy)
    assert refused.returncode == 1
    assert "(realtime, 0002_takes_away)... ERR" in refused.stdout
    assert "DROPPING columns" in refused.stdout
