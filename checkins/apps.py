"""The check-ins app."""

from django.apps import AppConfig


class CheckinsConfig(AppConfig):
    """Check-ins."""

    name = "checkins"
