"""`manage.py erase_user`: remove somebody with everything that names them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.erasure import erase_person
from accounts.models import User
from accounts.operators import user_named
from accounts.personal_data import ROWS
from hucares.commands import add_dry_run, add_json, as_json, table
from hucares.errors import DomainError


class Command(BaseCommand):
    """Erases a person, as they could themselves."""

    help = (
        "Removes somebody with everything that names them, as they could themselves in the app: check-ins, "
        "memberships, sessions, notifications, picture. Their groups live on. There is no way back but a backup. It "
        "asks for the username again unless --yes is given; --dry-run only counts. The exit code is 0, or 1 when "
        "nobody was erased."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and how sure."""
        parser.add_argument("user", help="a username, e-mail address or id")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        add_dry_run(parser, "count what would go")
        add_json(parser)

    def handle(self, *args: Any, user: str, yes: bool, dry_run: bool, json: bool, **options: Any) -> None:
        """Erase, report."""
        person = user_named(user)
        rows = {kind.key: count for kind in ROWS if (count := kind.about(person).count())}
        if not dry_run:
            if not yes:
                require_consent(person)
            try:
                erase_person(person)
            except DomainError:
                raise CommandError(f"{person.username} is gone already.") from None
        if json:
            self.stdout.write(as_json({"userId": person.pk, "dryRun": dry_run, "rows": rows}))
            return
        for line in table(("rows", "count"), rows.items()):
            self.stdout.write(line)
        self.stdout.write(f"{person.username} would be erased." if dry_run else f"{person.username} is erased.")


def require_consent(person: User) -> None:
    """Ask for the username. Raises `CommandError` if the answer is another one, or nobody is there to answer."""
    try:
        answer = input(f"This cannot be undone. Type {person.username} to erase {person.username}: ")
    except EOFError:
        answer = ""
    if answer.strip() != person.username:
        raise CommandError("Nobody was erased.")
