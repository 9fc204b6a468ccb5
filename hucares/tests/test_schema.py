"""The OpenAPI document and the pages that show it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver

from hucares.tests.openapi import document, operations, resolved

PLAIN = {"/api/v1/schema", "/api/v1/docs", "/api/v1/redoc", "/api/v1/realtime/asyncapi.json", "/api/v1/realtime/docs"}


def test_it_is_valid_and_made_without_a_warning() -> None:
    assert document()["openapi"].startswith("3.")
    assert operations()


def test_every_success_is_in_the_envelope() -> None:
    for name, operation in operations():
        successes = {status: answer for status, answer in operation["responses"].items() if status[0] == "2"}
        assert successes, name
        for status, answer in successes.items():
            if status == "204":
                assert "content" not in answer, name
                continue
            schema = resolved(answer["content"]["application/json"]["schema"])
            assert {"success", "data", "meta"} <= set(schema["required"]), name
            assert schema["properties"]["success"]["enum"] == [True], name


def test_every_failure_is_in_the_envelope() -> None:
    for name, operation in operations():
        failure = resolved(operation["responses"]["default"]["content"]["application/json"]["schema"])
        assert failure["required"] == ["success", "error", "meta"], name
        assert failure["properties"]["error"]["required"] == ["code", "message"], name


def test_lists_have_pages_and_the_list_of_open_periods_has_not() -> None:
    described = dict(operations())

    def paginated(name: str) -> bool:
        schema = resolved(described[name]["responses"]["200"]["content"]["application/json"]["schema"])
        return "pagination" in schema["properties"]["meta"]["properties"]

    names = (
        "groups",
        "checkins",
        "notifications",
        "groups/{id}/members",
        "checkins/group/{group_id}",
        "checkins/history",
    )
    for name in names:
        assert paginated(f"get /api/v1/{name}"), name
    assert not paginated("get /api/v1/checkins/current")
    assert not paginated("get /api/v1/users/profile")


def test_every_key_is_in_camel_case() -> None:
    def keys(node: Any) -> set[str]:
        if isinstance(node, list):
            return set().union(*map(keys, node))
        if isinstance(node, dict):
            own = set(node["properties"]) if isinstance(node.get("properties"), dict) else set()
            return own.union(*map(keys, node.values()))
        return set()

    assert not [key for key in keys(document()) if "_" in key]


def test_what_needs_credentials_says_so() -> None:
    opened = {name for name, operation in operations() if {} in operation.get("security", [{}])}

    assert {"post /api/v1/auth/login", "post /api/v1/auth/register", "post /api/v1/auth/refresh"} <= opened
    assert all("/auth/" in name or "/users/push-key" in name for name in opened)


def test_every_address_of_the_api_is_described() -> None:
    (api,) = (one for one in get_resolver().url_patterns if str(one.pattern) == "api/v1/")
    routes = set()
    for pattern in api.url_patterns:
        inner = getattr(pattern, "url_patterns", None)
        prefix = str(pattern.pattern)
        routes |= {prefix + str(one.pattern) for one in inner} if inner is not None else {prefix}
    written = {"/api/v1/" + re.sub(r"<(?:\w+:)?(\w+)>", "{}", route) for route in routes}
    described = {re.sub(r"\{\w+\}", "{}", path) for path in document()["paths"]}

    assert {re.sub(r"\(\?P<\w+>[^)]*\)|[\^$]|\\Z", "", path) for path in written} - PLAIN == described


@pytest.mark.django_db
def test_the_document_is_served_as_plain_json_to_anybody(client: Client) -> None:
    served = client.get("/api/v1/schema")

    assert served.status_code == 200
    assert served["Content-Type"].startswith("application/vnd.oai.openapi+json")
    assert json.loads(served.content) == document()


@pytest.mark.parametrize("path", ["/api/v1/docs", "/api/v1/redoc"])
def test_the_pages_ask_no_other_host(client: Client, path: str) -> None:
    page = client.get(path)
    text = page.content.decode()

    assert page.status_code == 200
    assert page["Content-Type"].startswith("text/html")
    assert "//" not in re.sub(r"<!--.*?-->", "", text, flags=re.S)
    addresses = re.findall(r'(?:src|href|data-schema)="([^"]*)"', text)
    assert "/api/v1/schema" in addresses
    assert all(address.startswith(("/static/", "/api/v1/schema")) for address in addresses)


def test_the_templates_name_no_other_host() -> None:
    templates = list((settings.BASE_DIR / "hucares" / "templates").rglob("*.html"))

    assert templates
    for template in templates:
        assert "//" not in template.read_text(), template


def answered(name: str, status: str = "200") -> dict[str, Any]:
    """The schema of an operation's `data`, as it is referred to."""
    content = dict(operations())[name]["responses"][status]["content"]["application/json"]
    return dict(resolved(content["schema"])["properties"]["data"])


def test_what_is_changed_in_part_has_no_required_fields() -> None:
    operation = dict(operations())["put /api/v1/groups/{id}"]
    body = resolved(operation["requestBody"]["content"]["application/json"]["schema"])

    assert body["properties"].keys() >= {"name", "description", "maxMembers", "timezone"}
    assert "required" not in body
    assert not operation["requestBody"].get("required")


def test_the_log_of_a_group_is_one_document() -> None:
    schema = resolved(answered("get /api/v1/groups/{group_id}/events"))

    assert set(schema["required"]) == {"events", "head", "epoch", "resync"}


def test_permissions_are_described_by_name() -> None:
    (reference,) = resolved(answered("put /api/v1/groups/{id}/members/{member_id}"))["properties"]["permissions"][
        "allOf"
    ]

    assert set(resolved(reference)["required"]) == {"canInvite", "canKick"}
