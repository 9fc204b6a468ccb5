"""What this server counts, for Prometheus: what the figures of all rooms share.

A room declares its figures in a `metrics.py` of its own, in `REGISTRY`, and counts where things happen. Labels are few
fixed words: never a person, a group, an address or anything that somebody wrote.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, disable_created_metrics

# The default registry describes the process that happens to answer, which of several says nothing.
REGISTRY = CollectorRegistry()
disable_created_metrics()  # the start of each counter: with several processes there is none to tell
