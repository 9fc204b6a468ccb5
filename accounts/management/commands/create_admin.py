"""`manage.py create_admin`: a member of staff."""

from __future__ import annotations

import sys
import warnings
from getpass import GetPassWarning, getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.operators import user_named
from accounts.roles import STAFF_ROLES, SUPERUSER, create_staff, give_role, role_of
from accounts.serializers import RegisterInput
from hucares.commands import add_dry_run, add_json, as_json
from hucares.errors import DomainError


class Command(BaseCommand):
    """Makes somebody staff."""

    help = (
        "Makes a member of staff, who may sign in at /admin/: a new account, or with --promote one that there is. "
        "docs/admin.md tells what each role may do. The password is asked for, or read from the first line of stdin "
        "with --password-stdin; it never stands on the command line, where others could read it. The address counts "
        "as confirmed. The exit code is 0, or 1 when nobody was made staff: the reason is on stderr."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and what they may do."""
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--email", help="the address of the new account")
        who.add_argument("--promote", metavar="USER", help="the username, e-mail address or id of an account")
        parser.add_argument("--username", help="of the new account (what stands before the @)")
        parser.add_argument("--role", choices=STAFF_ROLES, default=SUPERUSER, help=f"what they may do ({SUPERUSER})")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from stdin")
        add_dry_run(parser, "see whether it can be done")
        add_json(parser)

    def handle(self, *args: Any, email: str | None, promote: str | None, dry_run: bool, **options: Any) -> None:
        """Make them staff, and say so."""
        username = options["username"] or (email or "").partition("@")[0]
        password = ""
        if not promote:
            require_names(email or "", username)
            password = read_password(options["password_stdin"])
        with transaction.atomic():
            if promote:
                person, sentence = self.promote(promote, options["role"])
            else:
                person, sentence = self.add(email or "", username, password, options["role"])
            transaction.set_rollback(dry_run)
        if options["json"]:
            report = {"dryRun": dry_run, "username": person.username, "role": options["role"]}
            self.stdout.write(as_json(report))
        else:
            self.stdout.write(f"{sentence}{' Nothing was changed: this was a dry run.' if dry_run else ''}")

    def promote(self, name: str, role: str) -> tuple[User, str]:
        """Somebody who has an account, and what has changed. Raises `CommandError`."""
        person = user_named(name)
        before = role_of(person)
        give_role(user=person, role=role)
        return person, f"{person.username} is {role} now{f', and was {before}' if before else ''}."

    def add(self, email: str, username: str, password: str, role: str) -> tuple[User, str]:
        """Somebody new, held to the rules of registering, and what they may do. Raises `CommandError`."""
        account = RegisterInput(data={"email": email, "username": username, "password": password})
        if not account.is_valid():
            told = [f"{name}: {sentence}" for name, sentences in account.errors.items() for sentence in sentences]
            raise CommandError("\n".join(told))
        fields = account.validated_data
        try:
            person = create_staff(fields["email"], fields["username"], fields["password"], role)
        except DomainError as error:  # somebody has registered meanwhile
            raise CommandError(error.message) from None
        return person, f"{person.username} ({person.email}) is {role}, and signs in at /admin/."


def require_names(email: str, username: str) -> None:
    """Raises `CommandError` if there cannot be such an account, before anybody thinks of a password for it."""
    rules = RegisterInput().fields
    for name, value in {"email": email, "username": username}.items():
        try:
            rules[name].run_validation(value)
        except ValidationError as error:
            raise CommandError(f"{name} {value}: {' '.join(map(str, error.detail))}") from None
    if User.objects.by_email(email).exists():
        raise CommandError(f"{email} has an account already: --promote makes it one of staff.")
    if User.objects.by_username(username).exists():
        raise CommandError(f"{username} is somebody's username already: --username gives another one.")


def read_password(from_stdin: bool) -> str:
    """The password. Raises `CommandError` if it is typed otherwise the second time, or nobody is there to type it."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)  # what is typed would be seen
            password, again = getpass("Password: "), getpass("Password again: ")
    except (EOFError, GetPassWarning):
        raise CommandError("There is no terminal to type a password at: --password-stdin reads it.") from None
    except KeyboardInterrupt:
        raise CommandError("Nobody was made staff.") from None
    if again != password:
        raise CommandError("The two are not the same. Nobody was made staff.")
    return password
