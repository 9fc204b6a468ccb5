"""The wire format of everything under `/api/`: JSON in, the envelope out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework import status
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from hucares import errors
from hucares.encoding import encode
from hucares.envelope import VERSION, timestamp


class JsonParser(BaseParser):
    """Strict JSON: no NaN, no lone surrogates, bounded depth. Raises `MalformedJson`."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The body as Python values; an empty body is an empty object."""
        body = stream.read()
        if not body.strip():
            return {}
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise errors.MalformedJson from error


class ApiResponse(Response):
    """A success with more than data: a `message`, or members of `meta` such as `pagination`."""

    def __init__(
        self, data: Any = None, *, message: str | None = None, meta: dict[str, Any] | None = None, **rest: Any
    ):
        super().__init__(data, **rest)
        self.message = message
        self.meta = meta or {}


class EnvelopeRenderer(BaseRenderer):
    """Wraps a success in `{success, data, message?, meta}`; an error arrives here already wrapped."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """The response's bytes; none at all for a 204."""
        response: Response = (renderer_context or {})["response"]
        if response.status_code == status.HTTP_204_NO_CONTENT:
            return b""
        if response.exception:
            return encode(data)
        envelope: dict[str, Any] = {"success": True, "data": data}
        message = getattr(response, "message", None)
        if message:
            envelope["message"] = message
        envelope["meta"] = {"timestamp": timestamp(), "version": VERSION, **getattr(response, "meta", {})}
        return encode(envelope)
