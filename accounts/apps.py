"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People and their sign-in sessions."""

    name = "accounts"
