"""Two middlewares around everything: the request's id, and the envelope for errors that REST framework never saw."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from hucares import errors
from hucares.api import EnvelopeRenderer
from hucares.encoding import encode
from hucares.envelope import error_envelope
from hucares.errors import code_of_status
from hucares.request_id import because_of, request_id_from

GetResponse = Callable[[HttpRequest], HttpResponseBase]
MESSAGES = {
    400: errors.DomainError.message,
    403: errors.Forbidden.message,
    404: errors.NotFound.message,
    405: "This address does not take that method.",
    406: "This address has nothing of the media type that was asked for.",
    429: errors.RateLimited.message,
    503: errors.ServiceUnavailable.message,
}
ABOUT_THE_BODY = {"content-type", "content-length", "content-disposition", "content-encoding", "content-language"}


class RequestIdMiddleware:
    """Gives every request an id (the proxy's, if it sent a sane one) and names it in the response."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Sets `request.request_id` and the header `X-Request-ID`."""
        request.request_id = request_id_from(request.headers.get("X-Request-ID"))  # type: ignore[attr-defined]
        with because_of(request.request_id):  # type: ignore[attr-defined]
            response = self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response


class ApiErrorMiddleware:
    """Puts every error below `/api/` into the contract's envelope.

    REST framework's own errors are in it already. What is left: unknown URLs, refused hosts, the pages of the
    documentation, and exceptions, whose text must never reach a client, not even with DEBUG on.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Replaces an error page by an error envelope."""
        response = self.get_response(request)
        if response.status_code < 400 or not request.path.startswith("/api/") or has_envelope(response):
            return response
        return error_response(request, response)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal that a page outside the API raised, the admin's sign-in above all, is told in plain text."""
        if not isinstance(exception, errors.DomainError):
            return None
        return HttpResponse(f"{exception.message}\n", status=exception.status, content_type="text/plain")


def has_envelope(response: HttpResponseBase) -> bool:
    """Whether the API's own renderer made this response."""
    return isinstance(getattr(response, "accepted_renderer", None), EnvelopeRenderer)


def error_response(request: HttpRequest, page: HttpResponseBase) -> HttpResponse:
    """An error envelope that says no more than the page's status, with the headers that were put on the page."""
    status = page.status_code
    message = MESSAGES.get(status, errors.InternalError.message if status >= 500 else MESSAGES[400])
    envelope = error_envelope(code_of_status(status), message, request.request_id)  # type: ignore[attr-defined]
    kept = {name: value for name, value in page.items() if name.lower() not in ABOUT_THE_BODY}
    return HttpResponse(encode(envelope), status=status, content_type="application/json", headers=kept)
