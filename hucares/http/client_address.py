"""The client's address behind proxies, worked out in one place for HTTP and sockets alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

IPV4_WITH_PORT = re.compile(r"([0-9.]+):[0-9]+")
BRACKETED = re.compile(r"\[([^\]]*)\](?::[0-9]+)?")


def client_address(peer: str, forwarded_for: Iterable[str], trusted_proxies: int) -> str:
    """The address of the client, as far as the trusted proxies vouch for it.

    `peer` is the other end of the connection: the nearest hop. `forwarded_for` holds the values of all
    `X-Forwarded-For` headers in the order they came; they are read as one list, separated by commas. Every
    proxy appends the address that it was called from, so with `trusted_proxies` = n the client is the n-th
    entry from the right, and what stands to the left of it is the client's own claim and ignored.

    With 0 the header is ignored and the peer is the client. Of the last n entries, the leftmost that is an
    address counts: where the list is shorter than n or the n-th entry is no address, the answer comes nearer
    to us, never further out, and in the end is the peer. Ports, brackets and IPv6 zones are cut off, an
    IPv4 address mapped into IPv6 comes back as IPv4. A peer that is no address (a Unix socket) is
    returned as it is. Raises nothing.
    """
    if trusted_proxies > 0:
        entries = ",".join(forwarded_for).rsplit(",", trusted_proxies)[-trusted_proxies:]
        for entry in entries:
            address = _parsed(entry)
            if address:
                return address
    return _parsed(peer) or peer


def _parsed(entry: str) -> str | None:
    """The address in `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]` or `[::1]:80`; None for anything else."""
    text = entry.strip()
    match = IPV4_WITH_PORT.fullmatch(text) or BRACKETED.fullmatch(text)
    try:
        address = ip_address((match[1] if match else text).partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)
