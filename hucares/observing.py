"""What every request leaves behind: a line in the log, and a place in the figures."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import Counter, Histogram

from hucares.http.exchange import ENVIRON, Exchange
from hucares.metrics import REGISTRY

logger = logging.getLogger("hucares.requests")

UNKNOWN = "unknown"  # no such address; what was asked for is anybody's text
BEFORE_ROUTES = {"/health/ready", "/metrics"}  # answered by middlewares
QUIET = ("/health/", "/static/", "/media/", "/metrics")
CONVERTER = re.compile(r"<(?:[^:>]+:)?([^>]+)>")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

REQUESTS = Counter(
    "hucares_http_requests",
    "Requests that have ended, by route, method and status (0: the client was gone before the answer).",
    ["route", "method", "status"],
    registry=REGISTRY,
)
SECONDS = Histogram(
    "hucares_http_request_seconds",
    "Seconds from the arrival of a request's headers until its answer was handed to the system, by route and method.",
    ["route", "method"],
    registry=REGISTRY,
    # 200 ms is what people are promised, so it must be a bound: alerts ask how many are below it.
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0),
)


class ExchangeMiddleware:
    """Tells the gateway which route a request took, and whose it was: only the application knows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then tell."""
        response = self.get_response(request)
        exchange: Exchange | None = request.META.get(ENVIRON)
        if exchange is not None:
            describe(exchange, request)
        return response


def describe(exchange: Exchange, request: HttpRequest) -> None:
    """Fill in what the application knows of a request.

    The path that is told has ids alone: other parts of addresses are codes and tokens.
    """
    match = request.resolver_match
    if match is None:
        exchange.route = request.path if request.path in BEFORE_ROUTES else ""
    else:
        exchange.route = "/" + CONVERTER.sub(r"{\1}", match.route.removesuffix("$").removeprefix("^"))
        for name, value in match.kwargs.items():
            if not isinstance(value, UUID):
                exchange.path = exchange.path.replace(str(value), f"{{{name}}}")
    # Whoever was not asked for by now is not looked up for the log's sake.
    user = request.__dict__.get("user") if not hasattr(request, "_cached_user") else request._cached_user
    exchange.user_id = str(user.pk) if getattr(user, "is_authenticated", False) and user is not None else ""


def observe(exchange: Exchange) -> None:
    """Count a request that has ended, and write its line: below INFO where machines ask by the minute."""
    seconds = exchange.seconds
    route, method = exchange.route or UNKNOWN, exchange.method if exchange.method in METHODS else "other"
    REQUESTS.labels(route, method, str(exchange.status)).inc()
    SECONDS.labels(route, method).observe(seconds)
    level = logging.DEBUG if route.startswith(QUIET) and exchange.status < 500 else logging.INFO
    if logger.isEnabledFor(level):
        about = {
            "request_id": exchange.request_id,
            "user_id": exchange.user_id,
            "method": method,
            "route": route,
            "path": exchange.path if exchange.route else UNKNOWN,
            "status": exchange.status,
            "duration_ms": round(seconds * 1000, 1),
        }
        logger.log(level, "%s %s %d", method, about["path"], exchange.status, extra={"about": about})
