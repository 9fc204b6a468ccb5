"""Cleans what a client or a proxy says about itself, before anything reads it. For HTTP and sockets alike."""

from __future__ import annotations

from hucares.http.asgi_types import Headers, Scope
from hucares.http.client_address import client_address
from hucares.request_id import request_id_from


def trustworthy(scope: Scope, trusted_proxies: int) -> Scope:
    """A copy of an ASGI scope (`http` or `websocket`) in which client and headers can be believed.

    Headers with an underscore in their name are gone: WSGI would merge `X_Forwarded_For` with the real one.
    `client` is the client's address and port; the port is 0 where a proxy stands between. There is exactly
    one `x-request-id`.
    """
    headers: Headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    peer, port = scope.get("client") or ("", 0)
    address = client_address(peer, header_values(headers, b"x-forwarded-for"), trusted_proxies)
    request_id = request_id_from(next(iter(header_values(headers, b"x-request-id")), None))
    headers = [(name, value) for name, value in headers if name != b"x-request-id"]
    headers.append((b"x-request-id", request_id.encode("ascii")))
    client = (address, port if address == client_address(peer, [], 0) else 0)
    return {**scope, "headers": headers, "client": client}


def header_values(headers: Headers, name: bytes) -> list[str]:
    """All values of one header, in order. `name` in lower case."""
    return [value.decode("latin-1") for key, value in headers if key == name]


def request_id_of(scope: Scope) -> str:
    """The request's id, from a scope that `trustworthy` has cleaned."""
    return header_values(scope["headers"], b"x-request-id")[0]
