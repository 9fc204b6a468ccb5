"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People and their sign-in sessions."""

    name = "accounts"

    def ready(self) -> None:
        """Register the mails and what recurs."""
        from accounts import failed_sign_ins, letters, mail  # noqa: F401
        from hucares.worker import register_job

        register_job("deliver mails", seconds=2, run=mail.deliver_next_mail)
        register_job("remove old mails", seconds=3600, run=mail.remove_old_mails)
        register_job("forget failed sign-ins", seconds=24 * 3600, run=failed_sign_ins.forget_old_failures)
