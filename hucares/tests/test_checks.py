"""`manage.py check --deploy`: an environment for production passes, and each fault in it is told by its number."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from hucares.tests.fresh_process import ROOT, run_fresh

pytestmark = pytest.mark.asks_no_database

NUMBER = re.compile(r"\((hucares\.[EW]\d{3})\)")
SOUND = {
    "PUBLIC_URL": "https://hucares.example",
    "TRUSTED_PROXIES": "1",
    "DATABASE_URL": "postgres://hucares:secret@127.0.0.1/hucares",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "EMAIL_URL": "smtp+tls://user:password@mail.hucares.example:587",
    "METRICS_TOKEN": "a-random-token",
    "ADMIN_REQUIRE_2FA": "1",
}
FAULTS = [
    ({"DEBUG": "1"}, "hucares.E001"),
    ({"PUBLIC_URL": "https://localhost"}, "hucares.W002"),
    ({"PUBLIC_URL": "http://hucares.example"}, "hucares.E003"),
    ({"ALLOWED_HOSTS": "hucares.example,*"}, "hucares.E004"),
    ({"TRUSTED_PROXIES": "0"}, "hucares.E005"),
    ({"THROTTLE_SCALE": "0"}, "hucares.E006"),
    ({"PIN_PEPPER": "abc" * 20}, "hucares.E007"),
    ({"CORS_ALLOWED_ORIGINS": "https://app.hucares.example,http://app.hucares.example"}, "hucares.E008"),
    ({"DATABASE_URL": "sqlite:////tmp/hucares.sqlite3", "REDIS_URL": ""}, "hucares.W009"),
    ({"REDIS_URL": ""}, "hucares.W010"),
    ({"EMAIL_URL": "consolemail://"}, "hucares.W011"),
    ({"EMAIL_URL": ""}, "hucares.W011"),
    ({"METRICS_TOKEN": ""}, "hucares.W012"),
    ({"ADMIN_REQUIRE_2FA": "0"}, "hucares.W013"),
]


def check(**variables: str) -> subprocess.CompletedProcess[str]:
    return run_fresh("manage.py", "check", "--deploy", "--fail-level", "WARNING", **{**SOUND, **variables})


def test_a_sound_environment_has_no_issue() -> None:
    checked = check()
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "no issues" in checked.stdout


@pytest.mark.parametrize(("variables", "number"), FAULTS, ids=[f"{number}-{[*given]}" for given, number in FAULTS])
def test_a_fault_is_told_by_its_number_with_a_way_out(variables: dict[str, str], number: str) -> None:
    checked = check(**variables)
    assert checked.returncode == 1
    assert NUMBER.findall(checked.stderr) == [number]
    assert "HINT: " in checked.stderr
    assert any(name in checked.stderr for name in variables)


def test_warnings_alone_do_not_fail_unless_they_are_to() -> None:
    warned = run_fresh("manage.py", "check", "--deploy", **SOUND | {"METRICS_TOKEN": ""})
    assert warned.returncode == 0
    assert NUMBER.findall(warned.stderr) == ["hucares.W012"]


def test_every_number_is_tried_and_told() -> None:
    known = set(re.findall(r'id="(hucares\.[EW]\d{3})"', (ROOT / "hucares" / "checks.py").read_text()))
    assert {number for _, number in FAULTS} == known
    told = set(re.findall(r"`(hucares\.[EW]\d{3})`", Path(ROOT / "docs" / "operations.md").read_text()))
    assert told == known


def test_for_development_nothing_is_said() -> None:
    checked = run_fresh("manage.py", "check", DEBUG="1")
    assert (checked.returncode, checked.stderr) == (0, "")
