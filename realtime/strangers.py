"""Sockets that have not said yet who they are, counted per address.

They are counted in Redis, over all processes, where there is one; else, and while Redis is away, in each process.
"""

from __future__ import annotations

import asyncio

from django.conf import settings
from limits.storage import RedisStorage, Storage

from hucares.throttling import with_storage

# A sorted set of socket ids by the moment at which they can no longer be strangers: one that nobody takes out, since
# its process died, drops out by itself. Redis' own clock counts for all processes.
ADMIT = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('EXPIRE', KEYS[1], math.ceil(ARGV[3]))
return 1
"""

here: dict[str, set[str]] = {}  # by address, the sockets of this process


async def admit(address: str, socket_id: str) -> bool:
    """Let a socket wait for its credentials, unless as many of its address do so already.

    What this process knows by itself costs nothing: whoever floods it is turned away here.
    """
    known = here.setdefault(address, set())
    if len(known) >= settings.SOCKETS_PER_STRANGER:
        return False
    known.add(socket_id)
    if await asyncio.to_thread(with_storage, lambda storage: admit_to(storage, address, socket_id)):
        return True
    forget(address, socket_id)
    return False


async def release(address: str, socket_id: str) -> None:
    """The socket has said who it is, or is gone."""
    if forget(address, socket_id):
        await asyncio.to_thread(with_storage, lambda storage: release_from(storage, address, socket_id))


def forget(address: str, socket_id: str) -> bool:
    """Strike a socket off this process's own list; whether it was on it."""
    known = here.get(address, set())
    was_known = socket_id in known
    known.discard(socket_id)
    if not known:
        here.pop(address, None)
    return was_known


def admit_to(storage: Storage, address: str, socket_id: str) -> bool:
    """Count a socket where all processes do, if this storage is such a place."""
    if not isinstance(storage, RedisStorage):
        return True
    # It ends after the time to authenticate, but for the server's own work on that.
    seconds = 2 * settings.SOCKET_AUTHENTICATION_SECONDS
    return bool(storage.storage.eval(ADMIT, 1, key_of(address), socket_id, settings.SOCKETS_PER_STRANGER, seconds))


def release_from(storage: Storage, address: str, socket_id: str) -> None:
    """Uncount it there."""
    if isinstance(storage, RedisStorage):
        storage.storage.zrem(key_of(address), socket_id)


def key_of(address: str) -> str:
    """Where the strangers of an address are counted."""
    return f"hucares:strangers:{address}"
