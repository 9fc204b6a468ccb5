"""What Docker Compose starts is in step with what the settings read and what `.env.example` tells."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from hucares.tests.fresh_process import ROOT

READ = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', (ROOT / "hucares" / "settings.py").read_text())) | {
    "VAPID_PRIVATE_KEY",
    "DEBUG",
}
TOLD = set(re.findall(r"^(?:# )?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
IN_IMAGE = {"HOST", "PORT", "MEDIA_ROOT", "BACKUP_FOLDER", "DEBUG"}  # the image has its own, and there is no DEBUG
OF_COMPOSE = {"POSTGRES_PASSWORD", "REQUIREMENTS", "PORT"}


@pytest.fixture
def services() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return dict(document["services"])


def test_every_setting_is_told() -> None:
    assert set() == READ - TOLD
    assert set() == TOLD - READ - OF_COMPOSE


@pytest.mark.parametrize("service", ["app", "worker", "migrate", "backup"])
def test_each_service_gets_every_setting_that_the_image_does_not_have(services: dict[str, Any], service: str) -> None:
    assert services[service]["environment"].keys() == READ - IN_IMAGE


def test_what_is_asked_of_the_operator_is_told(services: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text()

    assert set(re.findall(r"\$\{([A-Z0-9_]+)", text)) - TOLD - OF_COMPOSE == set()


def test_nobody_serves_before_the_database_is_migrated(services: dict[str, Any]) -> None:
    for service in ("app", "worker"):
        assert services[service]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services["migrate"]["command"] == ["python", "manage.py", "migrate", "--no-input"]


def test_the_programs_for_backups_are_of_the_servers_version(services: dict[str, Any]) -> None:
    major = services["postgres"]["image"].partition(":")[2]

    assert f"postgresql-client-{major} " in (ROOT / "Dockerfile").read_text()
    assert services["backup"]["build"]["target"] == "ops"


def test_what_runs_our_code_may_write_to_its_volumes_alone(services: dict[str, Any]) -> None:
    for service in ("app", "worker", "migrate", "backup"):
        assert services[service]["read_only"] is True
        assert services[service]["cap_drop"] == ["ALL"]
        assert services[service]["volumes"] == ["data:/data", "backups:/backups"]
    assert "USER hucares" in (ROOT / "Dockerfile").read_text().rpartition("FROM run AS ops")[0]


def test_only_this_machine_reaches_it(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]

    assert ports == ["127.0.0.1:${PORT:-8000}:8000"]
