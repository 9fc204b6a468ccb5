"""Whatever goes wrong below `/api/`, the answer is the contract's envelope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.failing_urls import SECRET

SignIn = Callable[..., APIClient]
APP = "https://app.example"


@pytest.fixture
def client(alice: Any, sign_in: SignIn) -> APIClient:
    """Alice's client, which answers a 500 as a browser gets it."""
    return sign_in(alice, raise_request_exception=False)


@pytest.fixture
def failing(settings: Settings) -> None:
    """Puts views that fail beside the real ones."""
    settings.ROOT_URLCONF = "hucares.tests.failing_urls"


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/groups", "/api/v1/groups/", "/api/%00"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_address_is_not_found(client: APIClient, path: str, method: str) -> None:
    refusal_of(getattr(client, method)(path), 404, "NOT_FOUND")


def test_an_unknown_address_elsewhere_is_a_page(client: APIClient) -> None:
    response = client.get("/nothing")

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")
    assert response["X-Request-ID"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("put", "/api/v1/groups", "GET, POST"),
        ("delete", "/api/v1/users/profile", "GET"),
        ("get", "/api/v1/auth/login", "POST"),
        ("patch", "/api/v1/checkins", "GET, POST"),
        ("post", "/api/v1/schema", "GET"),
        ("post", "/api/v1/docs", "GET"),
        ("delete", "/api/v1/redoc", "GET"),
    ],
)
def test_a_wrong_method_is_refused_and_the_right_ones_named(
    client: APIClient, method: str, path: str, allowed: str
) -> None:
    response = getattr(client, method)(path)

    refusal_of(response, 405, "METHOD_NOT_ALLOWED")
    assert set(allowed.split(", ")) <= set(response["Allow"].split(", "))


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
def test_a_body_that_is_no_json_is_refused(client: APIClient, media_type: str) -> None:
    response = client.post("/api/v1/groups", b"name=Porch", content_type=media_type)

    refusal_of(response, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_an_upload_where_none_is_due_is_refused(client: APIClient) -> None:
    refusal_of(client.post("/api/v1/groups", {"name": "Porch"}, format="multipart"), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("accepted", ["text/html", "application/xml", "image/*"])
@pytest.mark.parametrize("path", ["/api/v1/groups", "/api/v1/notifications"])
def test_an_answer_that_is_not_accepted_is_refused(client: APIClient, accepted: str, path: str) -> None:
    refusal_of(client.get(path, HTTP_ACCEPT=accepted), 406, "NOT_ACCEPTABLE")


def test_a_schema_as_a_page_is_refused(client: APIClient) -> None:
    refusal_of(client.get("/api/v1/schema", HTTP_ACCEPT="text/html"), 406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize("accepted", ["application/json", "*/*", "application/json, text/plain, */*", "application/*"])
def test_json_is_what_everybody_gets(client: APIClient, accepted: str) -> None:
    response = client.get("/api/v1/groups", HTTP_ACCEPT=accepted)

    assert data_of(response) == []
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b"{'name': 'Porch'}",
        b'{"name": "Porch",}',
        b'{"name": "Porch"} {}',
        b'{"name": NaN}',
        b'{"maxMembers": Infinity}',
        b'{"maxMembers": -Infinity}',
        rb'{"name": "\ud800"}',
        rb'{"name": "\udc00\ud800"}',
        b'{"name": "\xff\xfe"}',
        b'{"name": "\xed\xa0\x80"}',
        '{"name": "Porch"}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/groups", "/api/v1/auth/login"])
def test_what_cannot_be_read_as_json_is_refused(client: APIClient, path: str, body: bytes) -> None:
    error = refusal_of(client.post(path, body, content_type="application/json"), 400, "MALFORMED_JSON")

    assert "details" not in error


@pytest.mark.parametrize("body", [[], [{"name": "Porch"}], "Porch", 7, True])
@pytest.mark.parametrize("path", ["/api/v1/groups", "/api/v1/auth/login", "/api/v1/auth/logout", "/api/v1/checkins"])
def test_json_that_is_no_object_is_refused(client: APIClient, path: str, body: Any) -> None:
    assert refused_fields(client.post(path, body, format="json")) == {"nonFieldErrors"}


def test_null_is_no_object(client: APIClient) -> None:
    response = client.post("/api/v1/groups", b"null", content_type="application/json")

    refusal_of(response, 400, "VALIDATION_ERROR")


def test_no_body_is_an_empty_object(client: APIClient) -> None:
    response = client.post("/api/v1/groups", b"", content_type="application/json")

    assert refused_fields(response) == {"name"}


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("kind", ["failing-view", "failing-page"])
@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("fault", 500, "INTERNAL_ERROR"),
        ("missing", 404, "NOT_FOUND"),
        ("denied", 403, "FORBIDDEN"),
        ("suspicious", 400, "VALIDATION_ERROR"),
    ],
)
def test_a_view_that_fails_tells_nothing_of_why(
    client: APIClient, settings: Settings, debug: bool, kind: str, fault: str, status: int, code: str
) -> None:
    settings.DEBUG = debug
    response = client.get(f"/api/v1/{kind}/{fault}")

    refusal_of(response, status, code)
    assert SECRET.encode() not in response.content
    assert response["Content-Type"] == "application/json"


@pytest.mark.usefixtures("failing")
def test_an_unknown_address_tells_nothing_of_the_known_ones_with_debug_on(
    client: APIClient, settings: Settings
) -> None:
    settings.DEBUG = True
    response = client.get("/api/v1/nothing")

    refusal_of(response, 404, "NOT_FOUND")
    assert b"failing" not in response.content


@pytest.mark.usefixtures("failing")
def test_what_is_not_available_says_when_to_come_back(client: APIClient) -> None:
    response = client.get("/api/v1/failing-view/busy")

    refusal_of(response, 503, "SERVICE_UNAVAILABLE")
    assert int(response["Retry-After"]) >= 1


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "bad host", "testserver:port"])
def test_a_host_that_is_not_ours_is_refused(client: APIClient, settings: Settings, debug: bool, host: str) -> None:
    settings.DEBUG = debug
    response = client.get("/api/v1/groups", HTTP_HOST=host)

    refusal_of(response, 400, "VALIDATION_ERROR")
    assert host.encode() not in response.content


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/groups", 200),
        ("/api/v1/nothing", 404),
        ("/api/v1/failing-view/fault", 500),
        ("/api/v1/failing-page/fault", 500),
        ("/api/v1/groups?limit=0", 400),
        ("/health/ready", 200),
    ],
)
def test_a_request_keeps_the_id_that_it_came_with(client: APIClient, path: str, status: int) -> None:
    response = client.get(path, HTTP_X_REQUEST_ID="from-the-proxy-1")

    assert (response.status_code, response["X-Request-ID"]) == (status, "from-the-proxy-1")
    if status >= 400:
        assert response.json()["meta"]["requestId"] == "from-the-proxy-1"


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/groups",
        "/api/v1/nothing",
        "/api/v1/auth/login",
        "/api/v1/groups?limit=0",
        "/api/v1/failing-view/fault",
        "/api/v1/failing-page/fault",
        "/api/v1/failing-page/denied",
    ],
)
def test_an_allowed_origin_may_read_every_answer(client: APIClient, settings: Settings, path: str) -> None:
    settings.CORS_ALLOWED_ORIGINS = [APP]
    response = client.get(path, HTTP_ORIGIN=APP)

    assert response["Access-Control-Allow-Origin"] == APP
    assert set(response["Access-Control-Expose-Headers"].split(", ")) == {"X-Request-ID", "Retry-After"}
    assert "origin" in response["Vary"]


@pytest.mark.parametrize("path", ["/api/v1/groups", "/api/v1/nothing"])
def test_another_origin_may_not(client: APIClient, settings: Settings, path: str) -> None:
    settings.CORS_ALLOWED_ORIGINS = [APP]

    assert "Access-Control-Allow-Origin" not in client.get(path, HTTP_ORIGIN="https://evil.example")
    assert "Access-Control-Allow-Credentials" not in client.get(path, HTTP_ORIGIN=APP)


def test_a_browser_may_ask_before_it_sends(client: APIClient, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [APP]
    asked = {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT", "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "authorization"}
    response = APIClient().options("/api/v1/groups", HTTP_ORIGIN=APP, **asked)

    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == APP
    assert "PUT" in response["Access-Control-Allow-Methods"]
    assert "authorization" in response["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=abc", "limit"),
        ("limit=-1", "limit"),
        ("limit=1.5", "limit"),
        ("limit=", "limit"),
        ("limit=%C2%B2", "limit"),
        ("page=0", "page"),
        ("page=abc", "page"),
        ("page=-1", "page"),
        ("page=99999999999999999999", "page"),
    ],
)
def test_a_page_that_cannot_be_is_refused(client: APIClient, query: str, field: str) -> None:
    assert refused_fields(client.get(f"/api/v1/groups?{query}")) == {field}


@pytest.mark.parametrize("query", ["page=2", "page=1000000&limit=100"])
def test_a_page_past_the_end_is_empty(client: APIClient, porch: Any, query: str) -> None:
    answer = client.get(f"/api/v1/groups?{query}").json()

    assert (answer["success"], answer["data"]) == (True, [])
    assert answer["meta"]["pagination"]["total"] == 1


def test_a_page_has_twenty_rows_unless_told_otherwise(client: APIClient, porch: Any) -> None:
    meta = client.get("/api/v1/groups").json()["meta"]

    assert meta.keys() == {"timestamp", "version", "pagination"}
    assert meta["pagination"] == {"page": 1, "limit": 20, "total": 1, "totalPages": 1}


def test_an_empty_list_has_no_pages(client: APIClient) -> None:
    pagination = client.get("/api/v1/groups?limit=100").json()["meta"]["pagination"]

    assert pagination == {"page": 1, "limit": 100, "total": 0, "totalPages": 0}
