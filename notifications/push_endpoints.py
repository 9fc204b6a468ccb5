"""Where a push may be sent to: what a client says, the server will one day call."""

from __future__ import annotations

import re

ENDPOINT_LENGTH = 2048

# As browsers write an address, up to the port that every push service has. What could be read in two ways (credentials,
# a backslash before the host's end, characters beyond ASCII, a fragment) does not fit.
ADDRESS = re.compile(r"https://([a-z0-9.-]+)(?::443)?(?:[/?][!\"$-~]*)?", re.ASCII | re.IGNORECASE)
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

# Names that a network gives to its own machines, or that only mean this one (RFC 6761, 6762, 7686, 8375).
LOCAL = frozenset({"arpa", "corp", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost", "onion"})

NO_HTTPS = "Must begin with https://."
NO_ADDRESS = "Must be an address such as https://push.example/abc: without credentials, fragment or a port but 443."
NO_NAME = "Must name its host: a number is no name."
NOT_PUBLIC = "Must be on a host of the public internet."


def fault_of(endpoint: str) -> str | None:
    """Why nothing may be sent to this endpoint, as a sentence; None if it may.

    A public name may still lead to a private address: whoever sends there must look at what it resolves to.
    """
    if endpoint[:8].lower() != "https://":
        return NO_HTTPS
    address = ADDRESS.fullmatch(endpoint)
    if address is None:
        return NO_ADDRESS
    host = address[1].lower()
    labels = host.split(".")
    # Whatever ends in a number (also 0x7f) is an IPv4 address to somebody: no name on the internet does.
    if len(host) > 253 or not all(map(LABEL.fullmatch, labels)) or labels[-1][0].isdigit():
        return NO_NAME
    if len(labels) == 1 or labels[-1] in LOCAL:
        return NOT_PUBLIC
    return None
