"""The one door through which news leaves a transaction for the sockets.

Whoever publishes hands over plain JSON values; nothing in a request thread enters an event loop. Losing a message
is no loss of an event: the log has it.
"""

from __future__ import annotations

import logging

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from realtime.local_layer import LocalLayer, Messages
from realtime.metrics import PUBLISHES_FAILED

logger = logging.getLogger(__name__)


def publish_on_commit(messages: Messages) -> None:
    """Publish once the transaction has committed; not at all if it rolls back."""
    transaction.on_commit(lambda: publish(messages))


def publish(messages: Messages) -> None:
    """Publish now. A failure is logged, counted and swallowed: the caller's work is done and committed."""
    if not messages:
        return
    layer = get_channel_layer()
    try:
        if isinstance(layer, LocalLayer):
            layer.publish(messages)
        else:
            for group, message in messages:
                async_to_sync(layer.group_send)(group, message)
    except Exception:
        PUBLISHES_FAILED.inc(len(messages))
        logger.exception("%d messages could not be published", len(messages))
