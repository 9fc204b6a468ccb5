"""The answers that the HTTP front gives on its own, before or instead of Django's."""

from __future__ import annotations

from typing import ClassVar


class ClientGone(Exception):
    """The client hung up or does not take its answer: there is nobody to talk to."""


class Refused(Exception):
    """The request is not served: an HTTP status, the contract's code and a sentence."""

    status: ClassVar[int]
    code: ClassVar[str]
    message: ClassVar[str]
    retry_after: ClassVar[int | None] = None  # seconds


class MalformedLength(Refused):
    """Content-Length is no number, or several."""

    status = 400
    code = "VALIDATION_ERROR"
    message = "The Content-Length header is not a number of bytes."


class BodyTooLarge(Refused):
    """More bytes than this path takes."""

    status = 413
    code = "PAYLOAD_TOO_LARGE"
    message = "The body is too large."


class BodyTooSlow(Refused):
    """The body did not arrive in time."""

    status = 408
    code = "REQUEST_TIMEOUT"
    message = "The body took too long to arrive."


class ServerFull(Refused):
    """As many requests, or as many bytes of bodies, as the process takes on are there already."""

    status = 503
    code = "SERVICE_UNAVAILABLE"
    message = "The server is busy. Please try again in a moment."
    retry_after = 1


class ApplicationFailed(Refused):
    """The WSGI application raised an exception instead of answering."""

    status = 500
    code = "INTERNAL_ERROR"
    message = "Something went wrong on our side."
