"""`export_user` and `erase_user`, as operators run them."""

from __future__ import annotations

import json
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.personal_data import export_person
from accounts.tests.lives import TRACES, make_wilhelmina
from groups.models import Group
from hucares.encoding import encode
from hucares.tests.commands import processes_of
from hucares.tests.snapshots import snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


@pytest.fixture
def wilhelmina(porch: Group, bob: User) -> User:
    return make_wilhelmina(porch, bob)


def say(command: str, *arguments: object) -> str:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


def without_moment(document: Any) -> Any:
    return {key: value for key, value in document.items() if key != "exportedAt"}


@pytest.mark.parametrize("by", ["username", "email", "pk"])
def test_the_export_is_what_the_person_would_get(wilhelmina: User, by: str) -> None:
    document = json.loads(say("export_user", getattr(wilhelmina, by)))

    assert without_moment(document) == without_moment(json.loads(encode(export_person(wilhelmina))))


def test_a_file_is_for_its_owner_alone_and_never_overwritten(wilhelmina: User, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    assert say("export_user", wilhelmina.username, "--to", file) == ""

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["account"][0]["username"] == wilhelmina.username
    file.write_text("somebody else's")
    with pytest.raises(CommandError, match="cannot be written: File exists"):
        say("export_user", wilhelmina.username, "--to", file)
    assert file.read_text() == "somebody else's"


@pytest.mark.parametrize("command", ["export_user", "erase_user"])
@pytest.mark.parametrize("name", ["nobody", "nobody@example.com", "00000000-0000-4000-8000-000000000000"])
def test_who_is_not_there_is_told(wilhelmina: User, command: str, name: str) -> None:
    before = snapshot()
    with pytest.raises(CommandError, match=f"There is nobody with the username, e-mail address or id {name}"):
        say(command, name)
    assert snapshot() == before


def test_an_erased_person_leaves_no_trace(wilhelmina: User) -> None:
    report = json.loads(say("erase_user", wilhelmina.email, "--yes", "--json"))

    assert (report["userId"], report["dryRun"]) == (str(wilhelmina.pk), False)
    assert report["rows"]["checkIns"] == 4
    assert not User.objects.filter(pk=wilhelmina.pk).exists()
    assert not any(trace in str(snapshot()) for trace in TRACES)


def test_a_dry_run_counts_and_erases_nobody(wilhelmina: User) -> None:
    before = snapshot()
    said = say("erase_user", wilhelmina.username, "--dry-run")

    assert ["checkIns", "4"] in [line.split() for line in said.splitlines()]
    assert said.endswith(f"{wilhelmina.username} would be erased.\n")
    assert snapshot() == before


@pytest.mark.parametrize("answer", ["", "yes\n", "WILHELMINA\n"])
def test_without_the_right_answer_nobody_is_erased(wilhelmina: User, answer: str) -> None:
    before = snapshot()
    with processes_of("erase_user") as start:
        process = start(wilhelmina.username, email_url="consolemail://", stdin=answer)
        _, errors = process.communicate()

    assert process.returncode == 1
    assert "Nobody was erased." in errors
    assert snapshot() == before


def test_with_it_somebody_is(wilhelmina: User) -> None:
    with processes_of("erase_user") as start:
        process = start(wilhelmina.username, email_url="consolemail://", stdin=f"{wilhelmina.username}\n")
        said, errors = process.communicate()

    assert process.returncode == 0, errors
    assert said.endswith(f"{wilhelmina.username} is erased.\n")
    assert not User.objects.filter(pk=wilhelmina.pk).exists()
