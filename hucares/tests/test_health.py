"""GET /health/ready."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from hucares.tests.fresh_process import ASK, closed_port, run_fresh

DRAIN = "from hucares.lifecycle import begin_drain; begin_drain()\n"


def asked(code: str = ASK, **variables: str) -> tuple[int, Any, str]:
    """(status, body, log) of a process of its own."""
    answered = run_fresh("-c", code, "/health/ready", "http", ALLOWED_HOSTS="testserver", **variables)
    assert answered.returncode == 0, answered.stderr
    status, body, _ = json.loads(answered.stdout)
    return status, json.loads(body), answered.stderr


@pytest.mark.django_db
def test_with_everything_there_it_is_ready(client: Client) -> None:
    response = client.get("/health/ready")

    assert response.status_code == 200
    redis = "ok" if settings.REDIS_URL else "not used"
    assert response.json() == {"status": "ok", "checks": {"database": "ok", "redis": redis, "process": "ok"}}


@pytest.mark.parametrize("place", ["postgres://hucares:swordfish@127.0.0.1:{port}/hucares", "sqlite:////nowhere/db"])
def test_without_the_database_it_is_not_ready(place: str) -> None:
    status, body, log = asked(DATABASE_URL=place.format(port=closed_port()))

    assert status == 503
    assert body["status"] == "unavailable"
    assert body["checks"]["database"] == "away"
    assert "swordfish" not in json.dumps(body)
    assert "the database is away" in log


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database that is as it should be."""
    url = f"sqlite:///{tmp_path_factory.mktemp('health')}/db.sqlite3"
    done = run_fresh("manage.py", "migrate", "--verbosity", "0", DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    return url


def test_before_the_migrations_it_is_not_ready(tmp_path: Path) -> None:
    status, body, log = asked(DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3")

    assert status == 503
    assert body["checks"]["database"] == "not migrated"
    assert "run manage.py migrate" in log


def test_without_redis_it_is_ready_and_says_degraded(migrated: str) -> None:
    redis = f"redis://:swordfish@127.0.0.1:{closed_port()}/0"
    status, body, log = asked(DATABASE_URL=migrated, REDIS_URL=redis)

    assert status == 200
    assert body == {"status": "ok", "checks": {"database": "ok", "redis": "degraded", "process": "ok"}}
    assert "swordfish" not in log


def test_a_process_that_drains_is_not_ready(migrated: str) -> None:
    status, body, _ = asked(DRAIN + ASK, DATABASE_URL=migrated)

    assert status == 503
    assert body == {
        "status": "unavailable",
        "checks": {"database": "ok", "redis": "not used", "process": "draining"},
    }


@pytest.mark.django_db
def test_it_answers_whatever_name_it_is_asked_by(client: Client) -> None:
    response = client.get("/health/ready", headers={"host": "10.1.2.3"})

    assert response.status_code == 200
    assert response["Content-Security-Policy"]
