"""The check-ins app."""

from django.apps import AppConfig


class CheckinsConfig(AppConfig):
    """Check-ins."""

    name = "checkins"
    verbose_name = "Check-ins"

    def ready(self) -> None:
        """Register what recurs, and what is stored about people."""
        from checkins import personal_data  # noqa: F401
        from checkins.closing import close_next_period
        from hucares.worker import register_job

        register_job("close periods", seconds=10, run=close_next_period)
