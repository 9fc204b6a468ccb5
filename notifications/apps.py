"""The notifications app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Notifications."""

    name = "notifications"

    def ready(self) -> None:
        """Connect the receivers, and register what is stored about people and for how long."""
        from notifications import personal_data, pruning, receivers  # noqa: F401
