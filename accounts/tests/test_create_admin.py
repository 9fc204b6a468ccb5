"""`manage.py create_admin`, as operators run it."""

from __future__ import annotations

import json
from getpass import GetPassWarning
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.management.commands import create_admin
from accounts.models import User
from accounts.roles import MODERATOR, STAFF_ROLES, SUPERUSER, SUPPORT, role_of
from accounts.tests.builders import PASSWORD
from hucares.tests.commands import processes_of
from hucares.tests.snapshots import changes, snapshot

EMAIL = "ines@example.com"


NOT_ASKED = ""  # for a password


def say(*arguments: str, password: str = PASSWORD) -> str:
    out = StringIO()

    def typed(prompt: str) -> str:
        assert password is not NOT_ASKED
        return password

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(create_admin, "getpass", typed)
        call_command("create_admin", *arguments, stdout=out)
    return out.getvalue()


def signs_in(email: str = EMAIL) -> bool:
    answer = Client().post("/admin/login/?next=/admin/", {"username": email, "password": PASSWORD})
    return answer.status_code == 302


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_a_new_member_of_staff_signs_in_to_the_admin(db: None, role: str) -> None:
    assert say("--email", EMAIL, "--role", role) == f"ines (ines@example.com) is {role}, and signs in at /admin/.\n"

    user = User.objects.get()
    assert (role_of(user), user.email_verified) == (role, True)
    assert signs_in()


def test_without_a_role_they_may_do_everything(db: None) -> None:
    say("--email", EMAIL, "--username", "boss")
    assert role_of(User.objects.get(username="boss")) == SUPERUSER


def test_somebody_who_has_an_account_becomes_staff_with_the_password_of_theirs(alice: User) -> None:
    assert say("--promote", "alice", "--role", SUPPORT) == "alice is support now.\n"
    assert say("--promote", alice.email, "--role", MODERATOR) == "alice is moderator now, and was support.\n"
    assert role_of(User.objects.get()) == MODERATOR
    assert signs_in(alice.email)


@pytest.mark.parametrize(
    ("arguments", "password", "sentence"),
    [
        (["--email", "ALICE@example.com", "--username", "other"], NOT_ASKED, "--promote makes it one of staff"),
        (["--email", EMAIL, "--username", "Alice"], NOT_ASKED, "--username gives another one"),
        (["--email", EMAIL], "short", "password: "),
        (["--email", "nobody"], NOT_ASKED, "email nobody: "),
        (["--email", "a@example.com"], NOT_ASKED, "username a: "),
        (["--email", EMAIL, "--username", "no spaces"], NOT_ASKED, "username no spaces: "),
        (["--promote", "nobody"], PASSWORD, "There is nobody"),
    ],
)
def test_what_cannot_be_done_is_told_and_nobody_is_made_staff(
    alice: User, arguments: list[str], password: str, sentence: str
) -> None:
    before = snapshot()
    with pytest.raises(CommandError, match=sentence):
        say(*arguments, password=password)
    assert changes(before, snapshot()) == {}


def test_a_password_that_is_typed_otherwise_again_makes_nobody(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter([PASSWORD, PASSWORD + "x"])
    monkeypatch.setattr(create_admin, "getpass", lambda prompt: next(typed))
    with pytest.raises(CommandError, match="not the same"):
        call_command("create_admin", "--email", EMAIL)
    assert not User.objects.exists()


@pytest.mark.parametrize("gone", [EOFError, KeyboardInterrupt, GetPassWarning])
def test_where_nobody_types_one_nobody_is_made(
    db: None, gone: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def typed(prompt: str) -> str:
        raise gone

    monkeypatch.setattr(create_admin, "getpass", typed)
    with pytest.raises(CommandError):
        call_command("create_admin", "--email", EMAIL)
    assert not User.objects.exists()


@pytest.mark.parametrize("arguments", [[], ["--email", EMAIL, "--promote", "alice"], ["--email", EMAIL, "--role", "x"]])
def test_bad_arguments_make_nobody(db: None, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        say(*arguments)
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_script_gives_the_password_by_stdin() -> None:
    with processes_of("create_admin") as start:
        process: Any = start("--email", EMAIL, "--password-stdin", email_url="consolemail://", stdin=PASSWORD + "\n")
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert "signs in at /admin/" in out
        piped = start("--email", "other@example.com", email_url="consolemail://", stdin=PASSWORD + "\n")
        assert "--password-stdin" in piped.communicate(timeout=60)[1]
        assert piped.returncode == 1
        again = start("--email", EMAIL, "--password-stdin", email_url="consolemail://", stdin=PASSWORD + "\n")
        assert again.communicate(timeout=60)[0] == ""
        assert again.returncode == 1
    assert signs_in()


def test_a_dry_run_says_what_would_be_and_makes_nobody(alice: User) -> None:
    before = snapshot()
    assert say("--email", EMAIL, "--dry-run").endswith("Nothing was changed: this was a dry run.\n")
    assert say("--promote", "alice", "--dry-run").startswith("alice is superuser now.")
    assert changes(before, snapshot()) == {}


def test_the_report_may_be_json(alice: User) -> None:
    report = json.loads(say("--promote", "alice", "--role", SUPPORT, "--json"))
    assert report == {"dryRun": False, "username": "alice", "role": "support"}
