"""What accounts are counted by. `docs/metrics.md` says what each figure tells."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from prometheus_client import Counter

from accounts.errors import InvalidCredentials
from hucares.metrics import REGISTRY

SIGN_INS_FAILED = Counter(
    "hucares_sign_ins_failed",
    "Sign-ins with a wrong password (to the admin too) or a wrong PIN, or to accounts that do not exist.",
    ["way"],
    registry=REGISTRY,
)
BY_PASSWORD = SIGN_INS_FAILED.labels("password")
BY_PIN = SIGN_INS_FAILED.labels("pin")


@contextlib.contextmanager
def counting_failed(failed: Counter) -> Iterator[None]:
    """Count the block if its credentials are refused."""
    try:
        yield
    except InvalidCredentials:
        failed.inc()
        raise
