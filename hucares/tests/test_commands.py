"""What all management commands have in common."""

from __future__ import annotations

from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class

from hucares.commands import Progress, table
from hucares.tests.fresh_process import run_fresh

OURS = sorted(
    name for name, app in get_commands().items() if app in {"accounts", "checkins", "analytics", "notifications"}
)
WITHOUT_REPORT = {"run_worker", "export_user"}  # one goes on, the other writes a document
CHANGE_NOTHING = {"create_push_keys", "explain_analytics", "export_user", "verify_backup", "run_worker"}


def parser_of(name: str) -> ArgumentParser:
    command: Any = load_command_class(get_commands()[name], name)
    return command.create_parser("manage.py", name)  # type: ignore[no-any-return]


def options_of(name: str) -> set[str]:
    return {option for action in parser_of(name)._actions for option in action.option_strings}


@pytest.mark.parametrize("name", OURS)
def test_help_tells_what_it_does_and_how_it_ends(name: str) -> None:
    text = parser_of(name).format_help()
    assert len(parser_of(name).description or "") > 100
    assert "exit code" in " ".join(text.split())
    assert all(action.help for action in parser_of(name)._actions)


@pytest.mark.parametrize("name", OURS)
def test_what_reports_does_so_for_machines_too(name: str) -> None:
    assert ("--json" in options_of(name)) is (name not in WITHOUT_REPORT)


@pytest.mark.parametrize("name", OURS)
def test_what_changes_something_can_be_tried_first(name: str) -> None:
    assert ("--dry-run" in options_of(name)) is (name not in CHANGE_NOTHING)


@pytest.mark.parametrize("url", ["sqlite:///{folder}/empty.sqlite3", "postgres://nobody@127.0.0.1:1/nothing"])
def test_a_database_that_is_away_or_not_migrated_is_told_in_a_sentence(url: str, tmp_path: Path) -> None:
    ended = run_fresh("manage.py", "recount_groups", "--json", DATABASE_URL=url.format(folder=tmp_path))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("hucares: the database is away, or not up to date (manage.py migrate): ")
    assert "Traceback" not in ended.stderr


def test_columns_are_as_wide_as_what_is_in_them() -> None:
    assert table(("group", "count", "name"), [("a", 1, "x"), ("bcdefgh", 2000, "")]) == [
        "group    count  name",
        "a            1  x",
        "bcdefgh   2000",
    ]
    assert table(("group", "count"), []) == []


class Terminal(StringIO):
    """Somebody watches."""

    def write(self, text: str, style_func: Any = None, ending: str | None = "") -> int:
        return super().write(text)

    def isatty(self) -> bool:
        return True


def test_progress_is_shown_to_who_watches_and_is_gone_at_the_end() -> None:
    screen = Terminal()
    with Progress(screen, "groups", 5000) as progress:
        progress.add(1200)
    assert "\r1,200 of 5,000 groups …" in screen.getvalue()
    assert screen.getvalue().endswith("\r")
    assert screen.getvalue().split("\r")[-2].strip() == ""


def test_what_is_being_done_takes_the_place_of_what_was() -> None:
    screen = Terminal()
    with Progress(screen) as progress:
        progress.say("Dumping the database …")
        progress.say("Copying …")
    assert screen.getvalue().split("\r")[1:3] == ["Dumping the database …", "Copying …".ljust(22)]


def test_where_nobody_watches_nothing_is_shown() -> None:
    screen = StringIO()
    with Progress(screen, "groups") as progress:  # type: ignore[arg-type]
        progress.add(1200)
        progress.say("Copying …")
    assert (screen.getvalue(), progress.done) == ("", 1200)
