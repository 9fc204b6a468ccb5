"""The realtime app."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    """The event log and the sockets."""

    name = "realtime"

    def ready(self) -> None:
        """Connect the receivers, and register what is stored about people and for how long."""
        from realtime import personal_data, pruning, receivers  # noqa: F401
