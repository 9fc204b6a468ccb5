"""What a release is made of: its notes, and the workflows that make it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from hucares.tests.fresh_process import ROOT
from tools.release_notes import notes_of

CHANGELOG = """# Changelog

What changes.

## Unreleased

- Not yet.

## [1.2.0] - 2026-03-25

### Added

- Something.

## 1.1.0

- Something before.
"""


@pytest.mark.parametrize(
    ("version", "notes"),
    [
        ("1.2.0", "### Added\n\n- Something."),
        ("1.1.0", "- Something before."),
        ("1.2", ""),
        ("1x2x0", ""),
        ("2.0.0", ""),
    ],
)
def test_the_notes_are_the_section_of_the_version(version: str, notes: str) -> None:
    assert notes_of(version, CHANGELOG) == notes


def workflow(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text())
    return document


def test_the_tests_run_on_every_version_that_is_promised() -> None:
    job = workflow("ci")["jobs"]["matrix"]

    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert job["strategy"]["matrix"]["postgres"] == ["15", "18"]
    assert [image.partition(":")[0] for image in job["strategy"]["matrix"]["redis"]] == ["redis", "valkey/valkey"]
    assert job["steps"][-1]["run"] == "make test"


@pytest.mark.parametrize("name", ["ci", "release"])
def test_every_job_ends_some_time_and_may_do_no_more_than_it_must(name: str) -> None:
    document = workflow(name)

    assert all(job["timeout-minutes"] <= 60 for job in document["jobs"].values())
    allowed = {"ci": {"contents": "read"}, "release": {"contents": "write", "packages": "write"}}
    assert document["permissions"] == allowed[name]
