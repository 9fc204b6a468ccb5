"""Reads answers of the API, and checks on the way that each is in its envelope."""

from __future__ import annotations

from typing import Any


def data_of(response: Any, status: int = 200) -> Any:
    """The data of a success with this status."""
    assert response.status_code == status, response.content
    body = response.json()
    assert body["success"] is True
    assert body["meta"].keys() >= {"timestamp", "version"}
    return body["data"]


def refusal_of(response: Any, status: int, code: str) -> dict[str, Any]:
    """The error of a refusal with this status and code."""
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["error"]["code"]) == (status, code), response.content
    assert body.keys() == {"success", "error", "meta"}
    assert body["success"] is False
    assert body["meta"].keys() == {"timestamp", "requestId"}
    assert response["X-Request-ID"] == body["meta"]["requestId"]
    error: dict[str, Any] = body["error"]
    assert error.keys() <= {"code", "message", "details"}
    return error


def refused_fields(response: Any) -> set[str]:
    """The fields that a 400 complains of."""
    details = refusal_of(response, 400, "VALIDATION_ERROR")["details"]
    assert all(messages and all(isinstance(text, str) for text in messages) for messages in details.values())
    return set(details)
