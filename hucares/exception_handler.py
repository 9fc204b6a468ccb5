"""How every refusal of the API becomes the contract's failure envelope."""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from hucares import errors
from hucares.envelope import error_envelope
from hucares.errors import code_of_status

logger = logging.getLogger(__name__)


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: every refusal as the contract's envelope; None (a 500) for what nobody foresaw."""
    described = describe(exc)
    if described is None and is_gone(context["request"], exc):
        described = 401, "SESSION_REVOKED", "This account is gone.", None, {}
    if described is None:
        return None
    http_status, code, message, details, headers = described
    set_rollback()
    if http_status == 401:
        headers = {**headers, "WWW-Authenticate": 'Bearer realm="api"'}
    envelope = error_envelope(code, message, context["request"].request_id, details)
    return Response(envelope, status=http_status, headers=headers)


def is_gone(request: Request, exc: Exception) -> bool:
    """Whether a request failed because its caller was erased while it ran: rows of theirs are missing, or refused."""
    if not isinstance(exc, (ObjectDoesNotExist, IntegrityError)) or not request.user.is_authenticated:
        return False
    return not get_user_model()._default_manager.filter(pk=request.user.pk).exists()


Described = tuple[int, str, str, Any, dict[str, str]]


def describe(exc: Exception) -> Described | None:
    """(status, code, message, details, headers) of an exception that a client is to be told of."""
    if isinstance(exc, errors.DomainError):
        retry_after = getattr(exc, "retry_after", 1 if exc.status == 503 else None)
        headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
        return exc.status, exc.code, exc.message, exc.details, headers
    if isinstance(exc, (OperationalError, InterfaceError)):
        logger.error("the database is away", exc_info=exc)
        return describe(errors.ServiceUnavailable())
    if isinstance(exc, exceptions.ValidationError):
        return 400, "VALIDATION_ERROR", errors.DomainError.message, field_errors(exc.detail), {}
    if isinstance(exc, Http404):
        return 404, "NOT_FOUND", errors.NotFound.message, None, {}
    if isinstance(exc, PermissionDenied):
        return 403, "FORBIDDEN", errors.Forbidden.message, None, {}
    if isinstance(exc, exceptions.APIException):
        return described_api_exception(exc)
    return None


def described_api_exception(exc: exceptions.APIException) -> Described:
    """The same for what REST framework itself raises: authentication, throttling, methods, media types."""
    headers: dict[str, str] = {}
    if isinstance(exc, exceptions.Throttled):
        wait = math.ceil(getattr(exc, "wait", None) or 1)
        return 429, "RATE_LIMITED", errors.RateLimited.message, None, {"Retry-After": str(wait)}
    if isinstance(exc, exceptions.AuthenticationFailed):
        return 401, "TOKEN_INVALID", "The access token is not valid.", None, headers
    if isinstance(exc, exceptions.ParseError):
        return 400, "VALIDATION_ERROR", str(exc.detail), None, headers
    return exc.status_code, code_of_status(exc.status_code), str(exc.detail), None, headers


def field_errors(detail: Any) -> dict[str, list[str]]:
    """Field → list of sentences; errors inside a nested object are named `outer.inner`."""
    if isinstance(detail, Mapping):
        flat: dict[str, list[str]] = {}
        for name, inner in detail.items():
            for path, messages in field_errors(inner).items():
                joined = str(name) if path == "nonFieldErrors" else f"{name}.{path}"
                flat.setdefault(joined, []).extend(messages)
        return flat
    if isinstance(detail, (list, tuple)):
        sentences: list[str] = []
        for item in detail:
            inner = [str(item)] if isinstance(item, str) else itertools.chain(*field_errors(item).values())
            sentences.extend(inner)
        return {"nonFieldErrors": sentences}
    return {"nonFieldErrors": [str(detail)]}
