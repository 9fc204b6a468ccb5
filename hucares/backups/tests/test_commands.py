"""`backup`, `verify_backup` and `restore_backup`, as operators run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connections

from accounts.tests.builders import make_user
from checkins.tests.builders import make_check_in
from groups.tests.builders import make_group
from hucares.backups import archive
from hucares.backups.tests.elsewhere import elsewhere, rows_of
from hucares.tests.fresh_process import ROOT
from hucares.tests.served_process import database_url

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def life(place: Path) -> None:
    alice = make_user("alice")
    make_check_in(alice, make_group(alice, name="The Porch"))


def say(command: str, *arguments: object) -> str:
    """What a command writes. Raises `CommandError` or `SystemExit`."""
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def backup_at(moment: datetime, *arguments: object) -> str:
    with time_machine.travel(moment, tick=False):
        return say("backup", *arguments)


def names(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


def run(command: str, *arguments: object, place: Path) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, on whatever database the settings name now."""
    variables = {
        "DATABASE_URL": database_url().rpartition("/")[0] + f"/{connections['default'].settings_dict['NAME']}",
        "BACKUP_FOLDER": str(place),
        "MEDIA_ROOT": str(place.parent / "media"),
    }
    if connections["default"].vendor == "sqlite":
        variables["DATABASE_URL"] = f"sqlite:///{connections['default'].settings_dict['NAME']}"
    return subprocess.run(
        [sys.executable, "manage.py", command, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_from_a_backup_to_its_restoration_as_processes(place: Path) -> None:
    made = run("backup", "--json", place=place)
    assert made.returncode == 0, made.stderr
    report = json.loads(made.stdout)
    assert report["rows"]["check_ins"] == 1
    assert report["bytes"] > 1000

    verified = run("verify_backup", place=place)
    assert (verified.returncode, verified.stdout) == (0, f"{report['folder']} is good.\n"), verified.stderr

    refused = run("restore_backup", report["folder"], place=place)
    assert refused.returncode == 1
    assert "The database is not empty; --force " in refused.stderr

    with elsewhere():
        restored = run("restore_backup", report["folder"], place=place)
        assert restored.returncode == 0, restored.stderr
        assert restored.stdout.startswith(f"Restored {sum(report['rows'].values())} rows in ")
        assert rows_of("SELECT name FROM groups") == [("The Porch",)]


def test_older_ones_go(place: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (place / "notes").mkdir(parents=True)
    for hours in range(3):
        said = backup_at(NOW + timedelta(hours=hours), "--keep", 2, "--copy-to", disk)

    kept = ["hucares-20260325T130000Z", "hucares-20260325T140000Z"]
    assert names(place) == [*kept, "last-copy", "notes"]
    assert names(disk) == kept
    assert f"Copied to {disk / kept[1]}." in said
    assert f"Removed {place / 'hucares-20260325T120000Z'}." in said
    assert [archive.verify(where / name) for where in (place, disk) for name in kept] == [[]] * 4


@pytest.mark.parametrize("keep", ["0", "-1"])
def test_none_may_be_kept_is_refused_before_one_is_made(place: Path, keep: str) -> None:
    with pytest.raises(CommandError, match="--keep must be at least 1"):
        say("backup", "--keep", keep)
    assert not place.exists()


def test_a_disk_that_is_not_there_is_told_and_the_backup_stays(place: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is the disk mounted"):
        backup_at(NOW, "--copy-to", tmp_path / "disk", "--keep", 1)

    assert names(place) == ["hucares-20260325T120000Z"]
    assert not (tmp_path / "disk").exists()


def test_two_at_the_same_second_do_not_meet(place: Path) -> None:
    backup_at(NOW)
    with pytest.raises(CommandError, match="is there already"):
        backup_at(NOW)
    assert archive.verify(place / names(place)[0]) == []


def test_a_backup_that_was_cut_off_is_none(place: Path) -> None:
    folder = Path(backup_at(NOW).partition(":")[0])
    folder.rename(f"{folder}.unfinished")

    with pytest.raises(CommandError, match="There is no backup in "):
        say("verify_backup")
    backup_at(NOW)
    assert names(place) == [folder.name]


def test_a_bad_one_is_told_in_sentences_and_with_a_code(place: Path) -> None:
    folder = Path(backup_at(NOW).partition(":")[0])
    (folder / "media.tar").write_bytes(b"")

    out = StringIO()
    sentence = "media.tar is damaged: it has 0 bytes and another checksum."
    with pytest.raises(CommandError) as ended:
        call_command("verify_backup", "--json", stdout=out)
    assert (ended.value.returncode, str(ended.value)) == (1, sentence)
    assert json.loads(out.getvalue())["problems"] == [sentence]
    with pytest.raises(CommandError, match=re.escape(sentence)):
        say("verify_backup")


def test_a_dry_run_restores_nothing(place: Path) -> None:
    folder = backup_at(NOW).partition(":")[0]
    make_user("bob")
    before = archive.engine().content()

    assert say("restore_backup", folder, "--force", "--dry-run").startswith("Would restore ")
    report = json.loads(say("restore_backup", folder, "--force", "--dry-run", "--json"))
    assert (report["dryRun"], report["rows"]["users"]) == (True, 1)
    with pytest.raises(CommandError, match="not empty"):
        say("restore_backup", folder, "--dry-run")
    assert archive.engine().content() == before


def test_what_was_remembered_of_before_is_forgotten(place: Path) -> None:
    folder = backup_at(NOW).partition(":")[0]
    cache.set("personal:2:abc", "a figure of before")
    say("restore_backup", folder, "--force")

    assert cache.get("personal:2:abc") is None


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whoever may read what is encrypted for them with GnuPG."""
    if shutil.which("gpg") is None:
        pytest.skip("gpg is not installed")
    ring = tmp_path / "ring"
    ring.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(ring))
    make = [
        "gpg",
        "--batch",
        "--passphrase",
        "",
        "--quick-generate-key",
        "ops@example.com",
        "rsa2048",
        "encrypt",
        "never",
    ]
    subprocess.run(make, check=True, capture_output=True)
    return "ops@example.com"


def test_what_is_encrypted_can_be_read_by_its_recipient_alone(
    place: Path, key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = Path(backup_at(NOW, "--encrypt-to", key).partition(":")[0])
    assert all(name == "manifest.json" or name.endswith(".gpg") for name in names(folder))
    assert not any(b"alice" in path.read_bytes() for path in folder.iterdir())
    say("verify_backup", folder)

    with elsewhere():
        say("restore_backup", folder)
        assert rows_of("SELECT username FROM users") == [("alice",)]

    stranger = tmp_path / "stranger"
    stranger.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(stranger))
    with pytest.raises(CommandError, match=r"^gpg failed with code "):
        say("restore_backup", folder, "--force")
    assert archive.engine().content()["users"].rows == 1


def fake_age(folder: Path) -> None:
    """A stand-in that takes age's arguments and turns every byte around; it is not installed everywhere."""
    program = folder / "age"
    program.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        "given = dict(zip(sys.argv[2:-1:2], sys.argv[3:-1:2]))\n"
        "assert sys.argv[1] in ('--encrypt', '--decrypt'), sys.argv\n"
        "assert given['--recipient' if sys.argv[1] == '--encrypt' else '--identity'], sys.argv\n"
        "open(given['--output'], 'wb').write(bytes(255 - byte for byte in open(sys.argv[-1], 'rb').read()))\n"
    )
    program.chmod(0o700)


def test_age_is_called_as_it_wants_to_be(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_age(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    folder = Path(backup_at(NOW, "--encrypt-to", "age1qqqqqqqq").partition(":")[0])
    assert all(name == "manifest.json" or name.endswith(".age") for name in names(folder))

    say("verify_backup", folder, "--identity", tmp_path / "identity.txt")
    (sentence,) = archive.verify(folder)
    assert sentence == "The backup is encrypted with age: name the file with the identity, --identity FILE."
