"""Another channel layer for a while."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from channels.layers import channel_layers


@contextlib.contextmanager
def layer_in_use(layer: Any) -> Iterator[None]:
    """Everything is published to `layer` meanwhile; afterwards to what was there, or is made when it is needed."""
    before = channel_layers.set("default", layer)
    try:
        yield
    finally:
        del channel_layers.backends["default"]
        if before is not None:
            channel_layers.set("default", before)
