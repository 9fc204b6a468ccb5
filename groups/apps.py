"""The groups app."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    """Groups and their members."""

    name = "groups"

    def ready(self) -> None:
        """Register the mails and what is stored about people, and connect the receivers."""
        from groups import invitations, personal_data, receivers  # noqa: F401
