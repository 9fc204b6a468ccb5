"""What the sockets and their news are counted by. `docs/metrics.md` says what each figure tells and when to worry.

Any thread may count, within an event loop or not. With several processes that takes 2 to 3 µs, an observation 5 µs: as
long as sending a frame, so what goes to a whole group is counted once.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from hucares.metrics import REGISTRY

SOCKETS_OPEN = Gauge(
    "hucares_sockets_open",
    "WebSockets that are open now, whether or not they have said who they are.",
    registry=REGISTRY,
    multiprocess_mode="livesum",  # a process that is gone has no open sockets, however it ended
)
FRAMES_RECEIVED = Counter(
    "hucares_frames_received",
    "Frames that clients sent over WebSockets, refused ones included.",
    registry=REGISTRY,
)
FRAMES_SENT = Counter(
    "hucares_frames_sent",
    "Frames that were sent to clients over WebSockets, one for each socket that an event goes to.",
    registry=REGISTRY,
)
REPLAYS = Counter(
    "hucares_replays",
    "Times that a client was told what it missed in a group: it joined with `since` (socket), or read events (http).",
    ["transport"],
    registry=REGISTRY,
)
REPLAYS_BY_SOCKET = REPLAYS.labels("socket")
REPLAYS_BY_HTTP = REPLAYS.labels("http")
GAPS_CLOSED = Counter(
    "hucares_gaps_closed",
    "Times that a socket found out that live events had not reached it, and read them from the log.",
    registry=REGISTRY,
)
PUBLISHES_FAILED = Counter(
    "hucares_publishes_failed",
    "Messages that could not be published: their events are in the log, and sockets hear of them late.",
    registry=REGISTRY,
)
SLOW_READERS_CLOSED = Counter(
    "hucares_slow_readers_closed",
    "WebSockets that were closed because their clients did not read what was sent to them.",
    registry=REGISTRY,
)
PUBLISH_TO_SEND = Histogram(
    "hucares_publish_to_send_seconds",
    "Seconds from the publishing of a message, in whatever process, to the sending of its frames, once per process.",
    registry=REGISTRY,
    # 50 ms is what people are promised, so it must be a bound: alerts ask how many are below it.
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
