"""`manage.py export_user`: everything that is stored about somebody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.operators import user_named
from accounts.personal_data import export_person
from hucares.encoding import encode


class Command(BaseCommand):
    """Writes what the person would get from `GET /users/export`."""

    help = (
        "Writes everything that is stored about somebody as one JSON document, as they would get it themselves from "
        "the app: for whoever asks and cannot sign in. Secrets, and what is other people's, are not in it. It holds "
        "their notes: hand it to nobody else. The exit code is 0, or 1 when there is no such person or the file cannot "
        "be written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and where to."""
        parser.add_argument("user", help="a username, e-mail address or id")
        parser.add_argument(
            "--to", type=Path, metavar="FILE", help="a new file, for its owner to read alone; else stdout"
        )

    def handle(self, *args: Any, user: str, to: Path | None, **options: Any) -> None:
        """Export."""
        document = encode(export_person(user_named(user))).decode()
        if to is None:
            self.stdout.write(document)
            return
        try:
            to.touch(mode=0o600, exist_ok=False)
            to.write_text(document + "\n")
        except OSError as error:
            raise CommandError(f"{to} cannot be written: {error.strerror}.") from None
        self.stderr.write(f"Wrote {to}.")
