"""How much one socket may send, and how many sockets one person may have."""

from __future__ import annotations

from django.conf import settings

from hucares.errors import DomainError, RateLimited

REFUSED_WITHIN = 10.0  # seconds


class TooManyFrames(RateLimited):
    """A frame beyond what a socket may send; `ref` is the frame's own, or None."""

    def __init__(self, ref: str | None) -> None:
        self.ref = ref
        self.retry_after = 1
        DomainError.__init__(self, "Too many frames: please wait a moment.")


class TooManySockets(RateLimited):
    """One more socket than a person may have open."""

    message = "Too many connections are open."


class Allowance:
    """A token bucket: so many frames at a stretch, and so many a second in the long run.

    Times are seconds of any clock that only goes forward.
    """

    def __init__(self, now: float) -> None:
        self.tokens = float(settings.SOCKET_FRAME_BURST)
        self.counted_at = now
        self.refused: list[float] = []  # when, of the last so many

    def spend(self, now: float) -> bool:
        """Whether one more frame is within the limit; one that is not is remembered."""
        earned = (now - self.counted_at) * settings.SOCKET_FRAMES_PER_SECOND
        self.tokens = min(self.tokens + earned, float(settings.SOCKET_FRAME_BURST))
        self.counted_at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return True
        self.refused = [*self.refused, now][-settings.SOCKET_MOST_REFUSED :]
        return False

    def is_abused(self, now: float) -> bool:
        """Whether the client goes on however often it is refused."""
        return len(self.refused) == settings.SOCKET_MOST_REFUSED and now - self.refused[0] <= REFUSED_WITHIN
