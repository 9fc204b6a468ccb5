"""The accounts app."""

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as of_admin


class StaffAdminConfig(of_admin.AdminConfig):
    """Django's admin, with our site in it."""

    default = False  # to be named, or else `accounts` would be this
    default_site = "accounts.admin_site.StaffSite"


class AccountsConfig(AppConfig):
    """People and their sign-in sessions."""

    name = "accounts"

    def ready(self) -> None:
        """Register the mails, the roles and what recurs."""
        from accounts import letters, mail, metrics, pruning, roles, states  # noqa: F401
        from hucares import checks, sentry  # noqa: F401
        from hucares.backups import states as of_backups  # noqa: F401
        from hucares.worker import register_job

        if settings.SENTRY_DSN:
            sentry.start(settings.SENTRY_DSN)
        register_job("deliver mails", seconds=2, run=mail.deliver_next_mail)
