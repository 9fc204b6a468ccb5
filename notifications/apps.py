"""The notifications app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Notifications."""

    name = "notifications"

    def ready(self) -> None:
        """Connect the receivers, and register the mails, what recurs, and what is stored about people for how long."""
        from hucares.worker import register_job
        from notifications import personal_data, pruning, pushing, receivers, reminding, states  # noqa: F401

        register_job("send weekly reminders", seconds=60, run=reminding.Round().step)
        register_job("send pushes", seconds=2, run=pushing.send_next_push)
