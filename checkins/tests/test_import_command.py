"""`manage.py import_local_storage`."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from checkins.models import CheckIn
from checkins.tests.legacy import dump_of, export_of, nothing_changes, old_record, old_weeks, own_group
from groups.models import Group
from hucares.tests.fresh_process import ROOT, run_fresh
from hucares.tests.served_process import database_url

pytestmark = pytest.mark.usefixtures("wednesday")
MIB = 1024 * 1024


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An export with every outcome in it but one."""
    path = tmp_path / "old.json"
    records = [*old_weeks(2), old_record(id="newer", submittedAt="2026-02-20"), old_record(id="bad\x1b[2J", body=11)]
    path.write_text(json.dumps(export_of(*records)))
    return path


def run(file: Any, user: str = "alice", *options: str) -> str:
    """What the command prints."""
    printed = io.StringIO()
    call_command("import_local_storage", str(file), f"--user={user}", *options, stdout=printed)
    return printed.getvalue()


def refusal_of(file: Any, user: str = "alice", *options: str) -> str:
    """The sentence of a refusal, after which everything is as before."""
    with nothing_changes(), pytest.raises(CommandError) as refused:
        run(file, user, *options)
    assert refused.value.returncode == 1
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_it_imports_and_says_what_became_of_each_record(alice: User, file: Path) -> None:
    lines = run(file).splitlines()

    group = Group.objects.get()
    assert (group.name, group.total_check_ins, CheckIn.objects.count()) == ("Sunday Circle", 2, 2)
    assert [line.split() for line in lines[:5]] == [
        ["records", "count"],
        ["imported", "2"],
        ["already", "imported", "0"],
        ["superseded", "1"],
        ["skipped", "1"],
    ]
    assert lines[5:7] == [f"group: {group.pk}", ""]
    assert [line.split(maxsplit=2)[:2] for line in lines[7:]] == [
        ["week", "record"],
        ["2026-02-16", "superseded"],
        ["2026-02-16", "skipped"],
    ]
    assert lines[8].split(maxsplit=3)[2:] == ["mc20260216", "Another check-in of the same week counts instead."]
    assert lines[9].endswith("The answer for “body” is 11; answers go from 1 to 10.")
    assert "\x1b" not in lines[9]


def test_the_same_file_again_changes_nothing(alice: User, file: Path) -> None:
    run(file)
    with nothing_changes():
        lines = run(file).splitlines()

    assert [line.split()[-1] for line in lines[1:5]] == ["0", "2", "1", "1"]


def test_a_dry_run_says_so_and_writes_nothing(alice: User, file: Path) -> None:
    with nothing_changes():
        lines = run(file, "alice", "--dry-run").splitlines()

    assert lines[0] == "A dry run: nothing was written."
    assert lines[2].split() == ["imported", "2"]
    assert "group: none" in lines


def test_the_report_may_be_json(alice: User, porch: Group, file: Path) -> None:
    report = json.loads(run(file, "alice", "--json", "--group", str(porch.pk)))

    assert (report["imported"], report["superseded"], report["skipped"], report["dryRun"]) == (2, 1, 1, False)
    assert own_group(report) == porch
    assert [row["outcome"] for row in report["rows"]] == ["imported", "superseded", "imported", "skipped"]
    assert CheckIn.objects.filter(user=alice, group=porch).count() == 2


@pytest.mark.parametrize("name", ["ALICE", "Alice@Example.com"])
def test_a_person_is_found_without_regard_to_case(alice: User, file: Path, name: str) -> None:
    run(file, name)

    assert CheckIn.objects.filter(user=alice).count() == 2


def test_standard_input_is_read_too(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    document = json.dumps(dump_of(old_record()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(document.encode())))
    run("-")

    assert CheckIn.objects.count() == 1


@pytest.mark.parametrize("name", ["nobody", "nobody@example.com", "", "@", "al", "x" * 1000])
def test_an_unknown_person_is_refused(alice: User, file: Path, name: str) -> None:
    assert "nobody with the username, e-mail" in refusal_of(file, name)


def test_a_group_that_the_person_is_not_in_is_refused(charlie: User, porch: Group, file: Path) -> None:
    assert "no such group" in refusal_of(file, "charlie", f"--group={porch.pk}")
    assert "no such group" in refusal_of(file, "charlie", f"--group={uuid4()}")
    assert "UUID" in refusal_of(file, "charlie", "--group=porch")


def test_a_file_that_cannot_be_read_is_refused(alice: User, tmp_path: Path) -> None:
    assert "No such file" in refusal_of(tmp_path / "missing.json")
    assert "directory" in refusal_of(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"nonsense", "not JSON"),
        (b'{"checkIns": [{"id": "a"}, {"id', "the end of it is missing"),
        (b"\xff\xfe{\x00}\x00", "UTF-8"),
        (b"[]", "neither"),
        (b'{"surprise": 1}', "neither"),
        (b'{"hucares_check_ins": "[{"}', "hucares_check_ins"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_such_document_is_refused(alice: User, tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "old.json").write_bytes(content)

    assert words in refusal_of(tmp_path / "old.json")


def test_two_mebibytes_are_read_and_one_byte_more_is_refused(alice: User, tmp_path: Path) -> None:
    file, document = tmp_path / "old.json", json.dumps(export_of(old_record()))
    file.write_text(document.ljust(2 * MIB + 1))
    assert "at most 2 MiB" in refusal_of(file)

    file.write_text(document.ljust(2 * MIB))
    run(file)
    assert CheckIn.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_as_a_process_it_ends_with_a_sentence_and_a_code(alice: User, file: Path) -> None:
    def ended(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_fresh("manage.py", "import_local_storage", *arguments, DATABASE_URL=database_url())

    done = ended(str(file), "--user", "alice")
    assert (done.returncode, done.stderr) == (0, "")
    assert "imported" in done.stdout
    refused = ended(str(file), "--user", "nobody")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "CommandError: There is nobody with the username, e-mail address or id nobody.\n"
    assert CheckIn.objects.count() == 2


def test_its_help_says_what_it_reads() -> None:
    command = [sys.executable, "manage.py", "import_local_storage", "--help"]
    text = " ".join(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())

    assert "at most 2 MiB" in text
    assert "--dry-run" in text
