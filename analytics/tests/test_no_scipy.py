"""SciPy is for the tests alone: it takes seconds and a hundred megabytes to import."""

from __future__ import annotations

from pathlib import Path

from hucares.tests.fresh_process import run_fresh

SCRIPT = """
import sys, django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
import analytics.explaining
print(sorted(name for name in ("scipy", "numpy") if name in sys.modules))
"""


def test_nothing_that_is_served_imports_it(tmp_path: Path) -> None:
    asked = run_fresh("-c", SCRIPT, DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3")

    assert asked.stdout.strip() == "[]", asked.stderr
