"""The notifications app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Notifications."""

    name = "notifications"

    def ready(self) -> None:
        """Connect the receivers, and register what is stored about people."""
        from notifications import personal_data, receivers  # noqa: F401
