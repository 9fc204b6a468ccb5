"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People and their sign-in sessions."""

    name = "accounts"

    def ready(self) -> None:
        """Register the mails and what recurs."""
        from accounts import letters, mail, metrics, pruning, states  # noqa: F401
        from hucares.backups import states as of_backups  # noqa: F401
        from hucares.worker import register_job

        register_job("deliver mails", seconds=2, run=mail.deliver_next_mail)
