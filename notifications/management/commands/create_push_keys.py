"""`manage.py create_push_keys`: the pair of keys with which pushes are sent."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hucares.commands import add_json, as_json
from hucares.public_keys import to_base64url
from notifications.push_encryption import CURVE, point_of


class Command(BaseCommand):
    """Prints a new pair."""

    help = (
        "Makes the pair of keys with which pushes are sent (VAPID), and prints it as two lines for the environment of "
        "the servers and the worker. Once: browsers subscribe for one pair, and with another they get nothing more "
        "until they subscribe again. Where keys are set already it refuses, unless --again says that this is meant. "
        "It keeps nothing and changes nothing. The exit code is 0, or 1 when it refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One choice."""
        parser.add_argument("--again", action="store_true", help="although keys are set already")
        add_json(parser)

    def handle(self, *args: Any, again: bool, json: bool, **options: Any) -> None:
        """Make them."""
        if settings.VAPID_PUBLIC_KEY and not again:
            raise CommandError("There are keys already. Others would end every subscription; --again makes them.")
        key = ec.generate_private_key(CURVE)
        secret = key.private_numbers().private_value.to_bytes(32)
        keys = {"VAPID_PUBLIC_KEY": to_base64url(point_of(key)), "VAPID_PRIVATE_KEY": to_base64url(secret)}
        self.stdout.write(as_json(keys) if json else "\n".join(f"{name}={value}" for name, value in keys.items()))
