"""What views do with a request before they call a service."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer


def validated(serializer: type[Serializer[Any]], data: Any, *, partial: bool = False, **context: Any) -> dict[str, Any]:
    """A body or query as keyword arguments of a service. Raises REST framework's `ValidationError`.

    With `partial` nothing is required: what is left out is left out of the arguments too.
    """
    checked = serializer(data=data, partial=partial, context=context)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)


def address_of(request: Request) -> str | None:
    """The client's address."""
    return request.META.get("REMOTE_ADDR") or None
