"""The check-ins app."""

from django.apps import AppConfig


class CheckinsConfig(AppConfig):
    """Check-ins."""

    name = "checkins"

    def ready(self) -> None:
        """Register what is stored about people."""
        from checkins import personal_data  # noqa: F401
