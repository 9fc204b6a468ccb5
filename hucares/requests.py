"""What views do with a request before they call a service."""

from __future__ import annotations

from typing import Any

from rest_framework.serializers import Serializer


def validated(serializer: type[Serializer[Any]], data: Any, **context: Any) -> dict[str, Any]:
    """A body or query as keyword arguments of a service. Raises REST framework's `ValidationError`."""
    checked = serializer(data=data, context=context)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)
