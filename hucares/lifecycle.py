"""Whether this process is on its way out. Readiness asks here; the server's signal handler sets it."""

from __future__ import annotations

# A plain flag: an Event has a lock, which a signal handler might wait for while its own thread holds it.
_draining = False


def begin_drain() -> None:
    """From now on this process is not ready for new work. There is no way back."""
    global _draining
    _draining = True


def is_draining() -> bool:
    """Whether the process has been told to end: still serving, but not to be sent anything new."""
    return _draining
