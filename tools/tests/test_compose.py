"""What Docker Compose starts is in step with what the settings read and what `.env.example` tells."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from hucares.make_secrets import make_secrets
from hucares.tests.fresh_process import ROOT, SECRETS, run_fresh

SHOW = """
import json
from hucares.settings import DATABASES, PIN_PEPPER
database = DATABASES["default"]
print(json.dumps([PIN_PEPPER, database["PASSWORD"], database["HOST"]]))
"""
READ = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', (ROOT / "hucares" / "settings.py").read_text())) | {
    "VAPID_PRIVATE_KEY",
    "DEBUG",
}
TOLD = set(re.findall(r"^(?:# )?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
IN_IMAGE = {"HOST", "PORT", "MEDIA_ROOT", "BACKUP_FOLDER", "DEBUG"}  # the image has its own, and there is no DEBUG
OF_COMPOSE = {"POSTGRES_PASSWORD", "REQUIREMENTS", "PORT", "DOMAIN", "BACKUP_OPTIONS"}
OURS = ("app", "worker", "migrate", "backup")


class Overlay(yaml.SafeLoader):
    """Reads what Compose puts over another file; what is said to replace something is read as it stands."""


for tag in ("!override", "!reset"):
    Overlay.add_constructor(tag, lambda loader, node: loader.construct_sequence(node))


@pytest.fixture
def services() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return dict(document["services"])


def test_every_setting_is_told() -> None:
    assert set() == READ - TOLD
    assert set() == TOLD - READ - OF_COMPOSE


@pytest.fixture
def production() -> dict[str, Any]:
    document: dict[str, Any] = yaml.load((ROOT / "docker-compose.production.yml").read_text(), Overlay)
    return dict(document["services"])


@pytest.mark.parametrize("service", OURS)
def test_each_service_gets_every_setting_that_the_image_does_not_have(services: dict[str, Any], service: str) -> None:
    names = {name for name in services[service]["environment"] if not name.endswith("_FILE")}
    assert names == READ - IN_IMAGE


@pytest.mark.parametrize("file", ["docker-compose.yml", "docker-compose.production.yml"])
def test_what_is_asked_of_the_operator_is_told(file: str) -> None:
    assert set(re.findall(r"[^$]\$\{([A-Z0-9_]+)", (ROOT / file).read_text())) - TOLD == set()


def test_it_comes_up_without_a_setting_and_without_a_known_secret(services: dict[str, Any]) -> None:
    assert ":?" not in (ROOT / "docker-compose.yml").read_text()
    for service in OURS:
        environment = services[service]["environment"]
        for name in (*SECRETS, "DATABASE_URL"):
            assert (environment[name], environment[f"{name}_FILE"]) == (f"${{{name}:-}}", f"/secrets/{name}")
        assert "DEBUG" not in environment
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD_FILE"] == "/secrets/POSTGRES_PASSWORD"
    assert services["postgres"]["depends_on"]["secrets"]["condition"] == "service_completed_successfully"


def test_the_secrets_that_it_makes_are_those_that_the_settings_take(tmp_path: Path) -> None:
    made = [sys.executable, "-m", "hucares.make_secrets", str(tmp_path)]
    subprocess.run(made, cwd=ROOT, check=True)
    first = {file.name: file.read_text() for file in tmp_path.iterdir()}
    files = {f"{name}_FILE": str(tmp_path / name) for name in first if name != "POSTGRES_PASSWORD"}
    nothing = dict.fromkeys(SECRETS, "")

    shown = run_fresh("-c", SHOW, **nothing, **files)

    assert first["POSTGRES_PASSWORD"] in first["DATABASE_URL"]
    assert json.loads(shown.stdout) == [first["PIN_PEPPER"], first["POSTGRES_PASSWORD"], "postgres"]
    assert len(set(first.values())) == len(first) == 6
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert {name for name, mode in modes.items() if mode != 0o400} == {"POSTGRES_PASSWORD"}
    subprocess.run(made, cwd=ROOT, check=True)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == first


def test_a_password_of_the_operators_is_taken_over(tmp_path: Path) -> None:
    make_secrets(tmp_path, "postgres")
    make_secrets(tmp_path, "postgres", "another-one")
    assert (tmp_path / "POSTGRES_PASSWORD").read_text() == "another-one"
    assert (tmp_path / "DATABASE_URL").read_text() == "postgres://hucares:another-one@postgres:5432/hucares"


def test_in_production_it_wants_two_values_and_everything_of_ours_gets_them(production: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.production.yml").read_text()
    assert set(re.findall(r"\$\{([A-Z0-9_]+):\?", text)) == {"DOMAIN", "EMAIL_URL"}
    for service in OURS:
        assert {"PUBLIC_URL", "EMAIL_URL"} <= production[service]["environment"].keys()
    assert production["caddy"]["ports"] == ["80:80", "443:443", "443:443/udp"]
    assert production["backup"]["restart"] == "unless-stopped"


def test_everything_that_stays_up_comes_back_and_is_bounded(services: dict[str, Any]) -> None:
    for service in ("caddy", "app", "worker", "postgres", "redis"):
        assert services[service]["restart"] == "unless-stopped"
        assert services[service]["mem_limit"]


def test_nobody_serves_before_the_database_is_migrated(services: dict[str, Any]) -> None:
    for service in ("app", "worker"):
        assert services[service]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services["migrate"]["command"] == ["python", "manage.py", "migrate", "--no-input"]


def test_the_programs_for_backups_are_of_the_servers_version(services: dict[str, Any]) -> None:
    major = services["postgres"]["image"].partition(":")[2]

    assert f"postgresql-client-{major} " in (ROOT / "Dockerfile").read_text()
    assert services["backup"]["build"]["target"] == "ops"


def test_what_runs_our_code_may_write_to_its_volumes_alone(services: dict[str, Any]) -> None:
    for service in OURS:
        assert services[service]["read_only"] is True
        assert services[service]["cap_drop"] == ["ALL"]
        assert services[service]["volumes"] == ["data:/data", "backups:/backups", "secrets:/secrets:ro"]
    assert "USER hucares" in (ROOT / "Dockerfile").read_text().rpartition("FROM run AS ops")[0]


def test_only_this_machine_reaches_it(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]

    assert ports == ["127.0.0.1:${PORT:-8000}:8000"]
