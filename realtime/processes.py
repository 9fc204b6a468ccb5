"""Which server processes live, as the channel layer can tell."""

from __future__ import annotations

from collections.abc import Collection

import redis
from channels.layers import get_channel_layer

from realtime.layer import InProcessLayer, RedisLayer
from realtime.local_layer import process_of


def living(channels: Collection[str]) -> list[str]:
    """Those of these channels whose process still listens; all of them where that cannot be told.

    A process that has just lost Redis looks as if it had died: rely on it only where that does no harm.
    """
    layer = get_channel_layer()
    if isinstance(layer, InProcessLayer):
        alive = {layer.process}
    elif isinstance(layer, RedisLayer):
        alive = listening(layer, {process_of(channel) for channel in channels})
        if layer.process not in alive:
            return list(channels)
    else:
        return list(channels)
    return [channel for channel in channels if process_of(channel) in alive]


def listening(layer: RedisLayer, processes: set[str]) -> set[str]:
    """Which of these processes, and this one, are subscribed to their own names; none if Redis does not answer."""
    names = [*(processes | {layer.process})]
    try:
        counts = layer.publisher.pubsub_numsub(*map(layer.topic, names))
    except redis.RedisError:
        return set()
    return {name for name, (_, count) in zip(names, counts, strict=True) if count}
