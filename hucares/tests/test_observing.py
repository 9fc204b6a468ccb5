"""Each request is counted and timed under its route, whatever becomes of it."""

from __future__ import annotations

import contextlib
import http.client

import pytest
from django.test import RequestFactory
from django.urls import resolve

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from groups.models import Group
from hucares.http.exchange import Exchange
from hucares.metrics import REGISTRY
from hucares.observing import describe, observe
from hucares.tests.served_process import until
from realtime.tests.live import LiveServer


def counted(route: str, method: str, status: int) -> float:
    """How many requests were, up to now."""
    labels = {"route": route, "method": method, "status": str(status)}
    return REGISTRY.get_sample_value("hucares_http_requests_total", labels) or 0.0


def timed(route: str, method: str) -> float:
    """How many of them were timed."""
    return REGISTRY.get_sample_value("hucares_http_request_seconds_count", {"route": route, "method": method}) or 0.0


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/api/v1/users/profile", "/api/v1/users/profile", 200),
        ("GET", "/api/v1/groups/{porch}", "/api/v1/groups/{{pk}}", 200),
        ("DELETE", "/api/v1/users/profile", "/api/v1/users/profile", 405),
        ("GET", "/nowhere/at/all", "unknown", 404),
        ("PROPFIND", "/nowhere/at/all", "unknown", 404),
        ("GET", "/join/ABCD2345", "/join/{{code}}", 200),
        ("GET", "/static/nothing.css", "/static/{{file}}", 404),
        ("GET", "/health/live", "/health/live", 200),
        ("GET", "/health/ready", "/health/ready", 200),
        ("POST", "/api/v1/checkins", "unknown", 413),  # refused before anybody asked where it leads
    ],
)
@pytest.mark.django_db(transaction=True)
def test_it_is_counted_once(
    server: LiveServer, alice: User, porch: Group, method: str, path: str, route: str, status: int
) -> None:
    path, route = path.format(porch=porch.pk), route.format()
    told = method if method != "PROPFIND" else "other"
    before = counted(route, told, status), timed(route, told)
    headers = {"Authorization": f"Bearer {access_token(make_session(alice))}"}
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as client:
        client.request(method, path, b"x" * 3_000_000 if status == 413 else None, headers)
        assert client.getresponse().status == status

    until(lambda: (counted(route, told, status), timed(route, told)) == (before[0] + 1, before[1] + 1))


def test_of_an_address_only_ids_are_told(alice: User, porch: Group) -> None:
    for path, told in (
        (f"/api/v1/groups/{porch.pk}", f"/api/v1/groups/{porch.pk}"),
        ("/join/ABCD2345", "/join/{code}"),
        ("/unsubscribe/abc:def", "/unsubscribe/{token}"),
    ):
        exchange, request = Exchange("an-id-of-1", "GET", path), RequestFactory().get(path)
        request.resolver_match = resolve(path)
        describe(exchange, request)
        assert exchange.path == told
        assert exchange.user_id == ""


def test_a_client_that_was_gone_is_counted_with_no_status() -> None:
    before = counted("unknown", "GET", 0)
    observe(Exchange("an-id-of-1", "GET", "/slow"))

    assert counted("unknown", "GET", 0) == before + 1
