"""The groups app."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    """Groups and their members."""

    name = "groups"

    def ready(self) -> None:
        """Register the mails and connect the receivers."""
        from groups import invitations, receivers  # noqa: F401
