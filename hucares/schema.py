"""How OpenAPI sees the envelope."""

from __future__ import annotations

import copy
from typing import Any

from drf_spectacular.openapi import AutoSchema

from hucares.errors import CODES, DomainError

META = {
    "type": "object",
    "properties": {"timestamp": {"type": "string", "format": "date-time"}, "version": {"type": "string"}},
    "required": ["timestamp", "version"],
}
PAGINATION = {
    "type": "object",
    "properties": {name: {"type": "integer"} for name in ("page", "limit", "total", "totalPages")},
    "required": ["page", "limit", "total", "totalPages"],
}
ERROR = {
    "type": "object",
    "properties": {
        "success": {"type": "boolean", "enum": [False]},
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "details": {"type": "object", "additionalProperties": True},
            },
            "required": ["code", "message"],
        },
        "meta": {
            "type": "object",
            "properties": {"timestamp": {"type": "string", "format": "date-time"}, "requestId": {"type": "string"}},
            "required": ["timestamp", "requestId"],
        },
    },
    "required": ["success", "error", "meta"],
}


def envelope(data: dict[str, Any], *, paginated: bool) -> dict[str, Any]:
    """The schema of a success around the schema of its data."""
    meta: dict[str, Any] = META
    if paginated:
        properties = {**META["properties"], "pagination": PAGINATION}  # type: ignore[dict-item]
        meta = {**META, "properties": properties, "required": [*META["required"], "pagination"]}
    return {
        "type": "object",
        "properties": {
            "success": {"type": "boolean", "enum": [True]},
            "data": data,
            "message": {"type": "string"},
            "meta": meta,
        },
        "required": ["success", "data", "meta"],
    }


class EnvelopeSchema(AutoSchema):
    """Puts the envelope around every JSON answer, as the renderer does; a view's first sentence is its title."""

    def get_summary(self) -> str | None:
        """The first line of the view's docstring."""
        text: str = super().get_description()
        return text.partition("\n")[0].removesuffix(".") or None

    def get_description(self) -> str:  # type: ignore[override]
        """What the view's docstring says beside its first line."""
        text: str = super().get_description()
        return text.partition("\n")[2].strip()

    def _get_request_body(self, *args: Any, **kwargs: Any) -> Any:
        if self.method != "DELETE" or not getattr(self.view, "delete_takes_body", False):
            return super()._get_request_body(*args, **kwargs)  # type: ignore[no-untyped-call]
        # The library knows no body of a DELETE; one of a view that takes one is like that of a POST.
        self.method = "POST"
        try:
            return super()._get_request_body(*args, **kwargs)  # type: ignore[no-untyped-call]
        finally:
            self.method = "DELETE"

    def _get_response_for_code(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        response: dict[str, Any] = super()._get_response_for_code(*args, **kwargs)  # type: ignore[no-untyped-call]
        media = response.get("content", {}).get("application/json")
        if media and "schema" in media:
            paginated = self._is_list_view() and self._get_paginator() is not None  # type: ignore[no-untyped-call]
            media["schema"] = envelope(media["schema"], paginated=paginated)
        return response


def every_code() -> set[str]:
    """The code of every refusal that any app knows."""
    kinds, codes = [DomainError], set(CODES.values()) | {"INTERNAL_ERROR"}
    while kinds:
        kind = kinds.pop()
        codes.add(kind.code)
        kinds.extend(kind.__subclasses__())
    return codes


def add_error_responses(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Names the failure envelope as the answer of every operation that does not succeed."""
    result["components"]["schemas"]["Error"] = copy.deepcopy(ERROR)
    code = result["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]
    code["description"] = f"One of {', '.join(sorted(every_code()))}."
    reference = {"$ref": "#/components/schemas/Error"}
    failure = {"description": "A refusal or a fault.", "content": {"application/json": {"schema": reference}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = failure
    return result
