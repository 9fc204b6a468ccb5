"""The headers that make browsers careful."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from hucares.tests.fresh_process import ASK, run_fresh

PAGES = [
    "/api/v1/users/profile",
    "/api/v1/schema",
    "/api/v1/nothing",
    "/api/v1/auth/login",
    "/admin/login/",
    "/nothing",
    "/health/ready",
    "/metrics",
    "/verify-email",
    "/reset-password",
]
DOCS = ["/api/v1/docs", "/api/v1/redoc"]
STRICT = {
    "default-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "object-src": "'none'",
}


@pytest.fixture
def client(alice: Any, sign_in: Callable[..., APIClient]) -> APIClient:
    return sign_in(alice)


def policy_of(response: Any) -> dict[str, str]:
    """The directives of a response's policy."""
    directives = (part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in directives}


@pytest.mark.parametrize("path", PAGES)
def test_pages_may_load_what_is_ours_and_nothing_inline(client: APIClient, path: str) -> None:
    assert policy_of(client.get(path)) == STRICT


@pytest.mark.parametrize(
    ("path", "added"),
    [
        ("/api/v1/docs", {"img-src": "'self' data:", "style-src": "'self' 'unsafe-inline'"}),
        (
            "/api/v1/redoc",
            {"img-src": "'self' data:", "style-src": "'self' 'unsafe-inline'", "worker-src": "blob:"},
        ),
    ],
)
def test_the_docs_add_what_they_need_and_no_script(client: APIClient, path: str, added: dict[str, str]) -> None:
    response = client.get(path)

    assert response.status_code == 200
    assert policy_of(response) == {**STRICT, **added}


def test_a_host_that_is_refused_gets_them_too(client: APIClient) -> None:
    response = client.get("/api/v1/groups", HTTP_HOST="evil.example")

    assert policy_of(response) == STRICT
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", [*PAGES, *DOCS])
def test_nothing_is_sniffed_framed_or_told_to_others(client: APIClient, path: str) -> None:
    response = client.get(path)

    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", [*PAGES, *DOCS])
def test_no_page_has_a_script_of_its_own(client: APIClient, path: str) -> None:
    text = client.get(path).content.decode()

    assert text.count("<script") == text.count("<script src=")
    assert "<style" not in text


@pytest.mark.parametrize(
    ("public_url", "protocol", "expected"),
    [
        ("https://testserver", "https", "max-age=31536000; includeSubDomains"),
        ("https://testserver", "http", None),
        ("http://testserver", "https", None),
    ],
)
def test_https_is_insisted_on_where_it_is_our_address(
    tmp_path: Path, public_url: str, protocol: str, expected: str | None
) -> None:
    database = f"sqlite:///{tmp_path}/db.sqlite3"
    answered = run_fresh("-c", ASK, "/api/v1/docs", protocol, PUBLIC_URL=public_url, DATABASE_URL=database)
    status, _, headers = json.loads(answered.stdout)

    assert status == 200
    assert headers.get("Strict-Transport-Security") == expected
