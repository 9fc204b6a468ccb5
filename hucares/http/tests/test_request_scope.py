"""What is left of a request's claims about itself."""

from __future__ import annotations

from hucares.http.asgi_types import Headers, Scope
from hucares.http.request_scope import header_values, request_id_of, trustworthy


def make_scope(headers: Headers, client: tuple[str, int] | None = ("10.0.0.1", 4711)) -> Scope:
    return {"type": "http", "path": "/", "headers": headers, "client": client}


def test_the_scope_is_copied_not_changed() -> None:
    scope = make_scope([(b"x_y", b"1")])

    trustworthy(scope, 0)

    assert scope == make_scope([(b"x_y", b"1")])


def test_headers_with_underscores_are_dropped() -> None:
    scope = trustworthy(make_scope([(b"x_forwarded_for", b"6.6.6.6"), (b"accept", b"*/*")]), 1)

    assert [name for name, _ in scope["headers"]] == [b"accept", b"x-request-id"]
    assert scope["client"] == ("10.0.0.1", 4711)


def test_the_client_behind_a_proxy_has_no_port() -> None:
    scope = trustworthy(make_scope([(b"x-forwarded-for", b"203.0.113.7")]), 1)

    assert scope["client"] == ("203.0.113.7", 0)


def test_a_scope_without_a_client_has_an_empty_address() -> None:
    assert trustworthy(make_scope([], client=None), 0)["client"] == ("", 0)


def test_a_sane_request_id_is_kept() -> None:
    assert request_id_of(trustworthy(make_scope([(b"x-request-id", b"from-proxy")]), 0)) == "from-proxy"


def test_of_several_request_ids_one_is_left() -> None:
    headers = [(b"x-request-id", b"first-one"), (b"x-request-id", b"second-one")]

    scope = trustworthy(make_scope(headers), 0)

    assert header_values(scope["headers"], b"x-request-id") == ["first-one"]


def test_a_wild_request_id_is_replaced() -> None:
    assert len(request_id_of(trustworthy(make_scope([(b"x-request-id", b"a b")]), 0))) == 32
