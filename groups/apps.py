"""The groups app."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    """Groups and their members."""

    name = "groups"

    def ready(self) -> None:
        """Connect the receivers."""
        from groups import receivers  # noqa: F401
