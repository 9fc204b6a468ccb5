"""What check-ins are counted by. `docs/metrics.md` says what each figure tells."""

from __future__ import annotations

from prometheus_client import Counter

from hucares.metrics import REGISTRY

CHECKED_IN = Counter(
    "hucares_check_ins", "Periods that people have checked in to; imports not included.", registry=REGISTRY
)
