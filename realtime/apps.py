"""The realtime app."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    """The event log and the sockets."""

    name = "realtime"

    def ready(self) -> None:
        """Connect the receivers."""
        from realtime import receivers  # noqa: F401
