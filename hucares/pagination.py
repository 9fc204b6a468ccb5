"""Pages of a list: `?page=1&limit=20`."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from hucares.api import ApiResponse
from hucares.errors import ValidationFailed

DEFAULT_LIMIT = 20
GREATEST_LIMIT = 100
GREATEST_PAGE = 999_999_999_999


def whole_number(request: Request, name: str, default: int, most: int) -> int:
    """A query parameter from 1 to `most`. Raises `ValidationFailed`."""
    value = request.query_params.get(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdecimal()) or len(value) > 12 or not 1 <= int(value) <= most:
        raise ValidationFailed(details={name: [f"Must be a whole number from 1 to {most}."]})
    return int(value)


class PagePagination(BasePagination):
    """Numbered pages of up to 100 rows; a page past the end is an empty list."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the page that the request asks for. Raises `ValidationFailed`."""
        self.page = whole_number(request, "page", 1, GREATEST_PAGE)
        self.limit = whole_number(request, "limit", DEFAULT_LIMIT, GREATEST_LIMIT)
        self.total = queryset.count()
        start = (self.page - 1) * self.limit
        return list(queryset[start : start + self.limit]) if start < self.total else []

    def get_paginated_response(self, data: Any) -> Response:
        """The page in the envelope, with `meta.pagination`."""
        pages = -(-self.total // self.limit)
        counts = {"page": self.page, "limit": self.limit, "total": self.total, "totalPages": pages}
        return ApiResponse(data, meta={"pagination": counts})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The rows as OpenAPI sees them; the envelope is added around every response alike."""
        return schema

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The two query parameters, for OpenAPI."""
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 1, "maximum": most, "default": default},
            }
            for name, default, most in (("page", 1, GREATEST_PAGE), ("limit", DEFAULT_LIMIT, GREATEST_LIMIT))
        ]
