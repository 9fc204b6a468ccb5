"""One vocabulary of errors for HTTP and sockets.

A service raises one of these; `hucares.api` and `realtime.consumers` put it on the wire. Apps add their own
in their `errors.py`, three attributes each.
"""

from __future__ import annotations

from typing import Any, ClassVar

CODES = {
    400: "VALIDATION_ERROR",
    401: "NOT_AUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    408: "REQUEST_TIMEOUT",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "RATE_LIMITED",
    503: "SERVICE_UNAVAILABLE",
}


def code_of_status(status: int) -> str:
    """The contract's code for a status that says no more than itself."""
    return CODES.get(status, "INTERNAL_ERROR" if status >= 500 else "VALIDATION_ERROR")


class DomainError(Exception):
    """A refusal that the client is told of: an HTTP status, the contract's code, a sentence, maybe details."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "VALIDATION_ERROR"
    message: str = "The request is not valid."

    def __init__(self, message: str | None = None, *, details: dict[str, Any] | None = None) -> None:
        self.message = message or self.message
        self.details = details
        super().__init__(self.message)


class ValidationFailed(DomainError):
    """The request does not fit the schema. `details` maps camelCase field names to lists of sentences."""


class MalformedJson(DomainError):
    """The body is no JSON."""

    code = "MALFORMED_JSON"
    message = "The body could not be read as JSON."


class Forbidden(DomainError):
    """A member without the role or permission."""

    status = 403
    code = "FORBIDDEN"
    message = "You may not do this."


class NotFound(DomainError):
    """It does not exist, or the caller may not know that it does."""

    status = 404
    code = "NOT_FOUND"
    message = "There is nothing here."


class PayloadTooLarge(DomainError):
    """More bytes than we take."""

    status = 413
    code = "PAYLOAD_TOO_LARGE"
    message = "This is too large."


class RateLimited(DomainError):
    """Too many requests. `retry_after` is in whole seconds."""

    status = 429
    code = "RATE_LIMITED"
    message = "Too many requests."

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"{self.message} Please try again in {retry_after} seconds.")


class ServiceUnavailable(DomainError):
    """A dependency is away or the server is full."""

    status = 503
    code = "SERVICE_UNAVAILABLE"
    message = "The service is not available right now. Please try again in a moment."


class InternalError(DomainError):
    """Our fault."""

    status = 500
    code = "INTERNAL_ERROR"
    message = "Something went wrong on our side."
