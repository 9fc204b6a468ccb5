"""What Render and Railway are told is in step with the settings, and with what starts elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from hucares.tests.fresh_process import ROOT, SECRETS, run_fresh
from tools.tests.test_compose import READ

IMAGE = (ROOT / "Dockerfile").read_text()


@pytest.fixture
def render() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "render.yaml").read_text()))


def names(variables: list[dict[str, Any]]) -> set[str]:
    return {variable["key"] for variable in variables if "key" in variable}


def test_render_gives_server_and_worker_settings_that_there_are(render: dict[str, Any]) -> None:
    (group,) = render["envVarGroups"]
    for service in render["services"][:2]:
        assert {"fromGroup": group["name"]} in service["envVars"]
        assert names(service["envVars"]) == {"DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "EMAIL_URL"}
    assert names(group["envVars"]) <= READ
    made_up = {variable["key"] for variable in group["envVars"] if variable.get("generateValue")}
    assert made_up == {*SECRETS, "METRICS_TOKEN"}


def test_what_render_refers_to_is_there(render: dict[str, Any]) -> None:
    known = {service["name"]: service["type"] for service in render["services"]}
    for variable in render["services"][0]["envVars"]:
        if "fromService" in variable:
            assert known[variable["fromService"]["name"]] == variable["fromService"]["type"]
        if "fromDatabase" in variable:
            assert variable["fromDatabase"]["name"] in {database["name"] for database in render["databases"]}


def test_settings_as_render_gives_them_start_a_server(render: dict[str, Any]) -> None:
    """A value that Render makes up is 256 random bits in base64."""
    made_up = {name: f"{number}bUXo1hPcYhc2nFyS3wHgkYxT8Ck6xJVtD5rPsW0N9Q=" for number, name in enumerate(SECRETS)}
    (group,) = render["envVarGroups"]
    given = {variable["key"]: variable["value"] for variable in group["envVars"] if "value" in variable}

    checked = run_fresh(
        "manage.py",
        "check",
        **made_up,
        **given,
        DATABASE_URL="postgresql://hucares:secret@dpg-1.internal/hucares",
        REDIS_URL="redis://red-1:6379",
        PUBLIC_URL="https://hucares.onrender.com",
        EMAIL_URL="smtp+tls://user:password@mail.hucares.example:587",
        PORT="10000",
    )

    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(("file", "command"), [("railway.json", "serve"), ("ops/railway/worker.json", "run_worker")])
def test_railway_starts_what_the_image_has(file: str, command: str) -> None:
    deploy = json.loads((ROOT / file).read_text())["deploy"]
    assert deploy["startCommand"].split(".")[-1].split()[-1] == command
    assert deploy["restartPolicyType"] == "ALWAYS"


def test_everywhere_the_database_is_migrated_before_the_server_is_asked_whether_it_is_ready(
    render: dict[str, Any],
) -> None:
    railway = json.loads((ROOT / "railway.json").read_text())["deploy"]
    assert [render["services"][0]["preDeployCommand"]] == railway["preDeployCommand"]
    assert render["services"][0]["healthCheckPath"] == railway["healthcheckPath"] == "/health/ready"
    assert railway["startCommand"].split() == json.loads(
        IMAGE.rpartition("FROM run AS ops")[0].rpartition("CMD ")[2].split("\n")[0]
    )
