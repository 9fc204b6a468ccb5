"""Calling a push service: at an address of the public internet, over TLS, for a few seconds at most."""

from __future__ import annotations

import functools
import ipaddress
import socket
import ssl
from http.client import HTTPException, HTTPSConnection
from urllib.parse import urlsplit

TIMEOUT = 5.0  # seconds, for each step


class Unreachable(Exception):
    """No answer came, for now."""


class ServiceConnection(HTTPSConnection):
    """A connection to the machine that was found behind a name, and to no other that the name may lead to next."""

    def connect(self) -> None:
        """Connect, and have the machine prove that the name is its own."""
        self.sock = trust().wrap_socket(
            socket.create_connection(machine_behind(self.host), self.timeout), server_hostname=self.host
        )


@functools.cache
def trust() -> ssl.SSLContext:
    """Whom this machine trusts."""
    return ssl.create_default_context()


def machine_behind(host: str) -> tuple[str, int]:
    """The address and port of a push service. Raises `Unreachable` for what is not on the public internet.

    What a client gives as an endpoint must not make the server call its own neighbours.
    """
    found = [str(sockaddr[0]) for *_, sockaddr in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]
    if not found or not all(ipaddress.ip_address(address).is_global for address in found):
        raise Unreachable(f"{host} is not on the public internet")
    return found[0], 443


def origin_of(endpoint: str) -> str:
    """`https://host` of an endpoint."""
    return f"https://{urlsplit(endpoint).hostname}"


def post(endpoint: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a push; the status of the answer. Redirections are not followed. Raises `Unreachable`."""
    parts = urlsplit(endpoint)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = ServiceConnection(parts.hostname or "", timeout=TIMEOUT)
    try:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    except (OSError, HTTPException, UnicodeError) as error:
        raise Unreachable(type(error).__name__) from error
    finally:
        connection.close()
