"""The report of packages with known weaknesses."""

from __future__ import annotations

from tools.audit import report


def test_weaknesses_are_told_and_so_is_what_nobody_knows() -> None:
    packages = [
        {"name": "good", "version": "1.0", "vulns": []},
        {"name": "bad", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1", "3.0"]}]},
        {"name": "worse", "version": "3.0", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]},
        {"name": "hidden", "skip_reason": "not found"},
    ]

    assert report(packages) == [
        "bad 2.0: PYSEC-1, mended in 2.1, 3.0",
        "worse 3.0: PYSEC-2, not mended yet",
        "2 known weaknesses in 3 packages; 1 could not be looked up.",
    ]
