"""Calling a push service: at an address of the public internet, over TLS, for `LONGEST` seconds once that is known.

However slowly it talks, and however much: anybody may name a machine of theirs as a push service.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import socket
import ssl
import time
from http.client import HTTPException, HTTPSConnection
from typing import Any, cast
from urllib.parse import urlsplit

LONGEST = 10.0  # seconds, from connecting to the last header of the answer

# IPv6 that holds an IPv4 address, which may be a neighbour's (the old compatible form, NAT64, 6to4), and site-local.
HIDING = [ipaddress.ip_network(network) for network in ("::/96", "64:ff9b::/96", "2002::/16", "fec0::/10")]


class Unreachable(Exception):
    """No answer came, for now."""


class TimedSocket(ssl.SSLSocket):
    """A socket whose every read ends when the call must; a timeout of its own would begin anew with each byte."""

    ends_at: float

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        """Read what is there. Raises `TimeoutError`."""
        self.settimeout(left_until(self.ends_at))
        return super().recv_into(*arguments, **options)


class ServiceConnection(HTTPSConnection):
    """A connection to the machine that was found behind a name, and to no other that the name may lead to next."""

    sock: TimedSocket

    def connect(self) -> None:
        """Connect, and have the machine prove that the name is its own. Raises `TimeoutError`."""
        machines, context = machines_behind(self.host), trust()
        context.sslsocket_class = TimedSocket
        ends_at = time.monotonic() + LONGEST
        plain = connected(machines, ends_at)
        try:
            plain.settimeout(left_until(ends_at))  # that of a handshake is for all of it
            self.sock = cast(TimedSocket, context.wrap_socket(plain, server_hostname=self.host))
        except BaseException:
            plain.close()
            raise
        self.sock.ends_at = ends_at
        self.sock.settimeout(left_until(ends_at))


def connected(machines: list[tuple[str, int]], ends_at: float) -> socket.socket:
    """A connection to the first machine that takes one within its share of the time. Raises what the last does."""
    *others, last = machines
    for place, machine in enumerate(others):
        with contextlib.suppress(OSError):
            return socket.create_connection(machine, left_until(ends_at) / (len(machines) - place))
    return socket.create_connection(last, left_until(ends_at))


def left_until(moment: float) -> float:
    """How many seconds are left until a moment of the monotonic clock. Raises `TimeoutError` if none is."""
    left = moment - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@functools.cache
def trust() -> ssl.SSLContext:
    """Whom this machine trusts."""
    return ssl.create_default_context()


def machines_behind(host: str) -> list[tuple[str, int]]:
    """The addresses and ports of a push service. Raises `Unreachable` for what is not on the public internet.

    What a client gives as an endpoint must not make the server call its own neighbours.
    """
    found = [str(sockaddr[0]) for *_, sockaddr in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]
    if not found or not all(map(is_public, found)):
        raise Unreachable(f"{host} is not on the public internet")
    return [(address, 443) for address in dict.fromkeys(found)]


def is_public(address: str) -> bool:
    """Whether an address is one machine's on the public internet, and leads to no other within it."""
    ip = ipaddress.ip_address(address)
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in HIDING)


def origin_of(endpoint: str) -> str:
    """`https://host` of an endpoint."""
    return f"https://{urlsplit(endpoint).hostname}"


def post(endpoint: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a push; the status of the answer. Redirections are not followed. Raises `Unreachable`."""
    parts = urlsplit(endpoint)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = ServiceConnection(parts.hostname or "")
    try:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    except (OSError, HTTPException, UnicodeError) as error:
        raise Unreachable(type(error).__name__) from error
    finally:
        connection.close()
