"""Copies of backups elsewhere, in a folder or a bucket, and back again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.tests.builders import make_user
from hucares.backups import archive
from hucares.backups.copies import newest_copy
from hucares.backups.errors import BackupError
from hucares.backups.tests.bucket_stand_in import S3, s3
from hucares.env import SettingError, copies_of_backups

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)
NAMES = [f"hucares-20260325T{hour}0000Z" for hour in (12, 13, 14)]


@pytest.fixture(autouse=True)
def life(place: Path) -> None:
    make_user("alice")


@pytest.fixture
def bucket() -> Iterator[S3]:
    with s3() as server:
        yield server


@pytest.fixture(params=["folder", "bucket"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path, bucket: S3) -> str:
    """The address of a place for copies."""
    disk = tmp_path / "disk"
    disk.mkdir()
    return str(disk) if request.param == "folder" else bucket.address


def say(command: str, *arguments: object) -> str:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def back_up(elsewhere: str, hours: int = 0, *arguments: object) -> str:
    with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
        return say("backup", "--copy-to", elsewhere, *arguments)


def test_a_lost_backup_comes_back_and_is_good(place: Path, elsewhere: str) -> None:
    back_up(elsewhere)
    back_up(elsewhere, 1)
    content = archive.engine().content()
    shutil.rmtree(place)
    make_user("bob")

    said = say("fetch_backup", "--from", elsewhere)

    assert said.startswith(f"{place / NAMES[1]} is good, and was in ")
    assert "secret" not in said
    assert archive.verify(place / NAMES[1]) == []
    say("restore_backup", place / NAMES[1], "--force")
    assert {name: table.rows for name, table in archive.engine().content().items()} == {
        name: table.rows for name, table in content.items()
    }
    assert json.loads(say("fetch_backup", NAMES[0], "--from", elsewhere, "--json")) == {
        "dryRun": False,
        "folder": str(place / NAMES[0]),
    }


def test_copies_go_with_the_backups(place: Path, elsewhere: str) -> None:
    for hours in range(3):
        said = back_up(elsewhere, hours, "--keep", 2)

    assert said.count("Removed ") == 2
    assert [path.name for path in archive.backups_in(place)] == NAMES[1:]
    with pytest.raises(CommandError, match=f"There is no backup {NAMES[0]} in "):
        say("fetch_backup", NAMES[0], "--from", elsewhere)


def test_the_last_copy_is_noted_beside_the_backups(place: Path, elsewhere: str) -> None:
    assert newest_copy(place) is None
    back_up(elsewhere, 0)
    back_up(elsewhere, 1)
    assert newest_copy(place) == NOW + timedelta(hours=1)

    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        say("backup")  # without a copy
    with pytest.raises(CommandError):
        back_up(str(place / "nowhere"), 3)
    assert newest_copy(place) == NOW + timedelta(hours=1)
    assert len(archive.backups_in(place)) == 4


def test_a_note_that_cannot_be_written_is_told(place: Path, elsewhere: str) -> None:
    (place / "last-copy").mkdir(parents=True)
    with pytest.raises(CommandError, match=r"last-copy cannot be written"):
        back_up(elsewhere)
    assert len(archive.backups_in(place)) == 1


def test_a_dry_run_says_where_to_and_which_would_go(place: Path, elsewhere: str) -> None:
    back_up(elsewhere)
    said = back_up(elsewhere, 1, "--keep", 1, "--dry-run")

    assert said.startswith(f"A backup would be made in {place}, and copied to ")
    assert said.count(f"{NAMES[0]} would be removed.") == 2
    assert said.endswith("Nothing was changed.\n")
    report = json.loads(back_up(elsewhere, 1, "--keep", 1, "--dry-run", "--json"))
    assert (report["dryRun"], report["folder"], len(report["removed"])) == (True, str(place), 2)
    assert [path.name for path in archive.backups_in(place)] == NAMES[:1]
    assert f"{NAMES[0]} would be brought from " in say("fetch_backup", "--from", elsewhere, "--dry-run")


def test_what_is_there_already_is_not_brought_again(place: Path, elsewhere: str) -> None:
    back_up(elsewhere)
    with pytest.raises(CommandError, match="is there already"):
        say("fetch_backup", "--from", elsewhere)
    assert archive.verify(place / NAMES[0]) == []


def test_where_no_copy_is_none_is_brought(place: Path, elsewhere: str) -> None:
    with pytest.raises(CommandError, match="There is no backup in "):
        say("fetch_backup", "--from", elsewhere)
    with pytest.raises(CommandError, match="there are no copies"):
        say("fetch_backup")


# --- Of folders ---


def test_a_copy_that_is_not_good_is_told_and_has_no_name(place: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    backup = archive.make(place)
    database = next(path for path in backup.folder.iterdir() if path.name.startswith("database"))
    database.write_bytes(database.read_bytes()[:10])

    with pytest.raises(BackupError, match=r"The copy in .* is not good: database\S* is damaged"):
        archive.copy(backup, disk)
    assert list(disk.iterdir()) == []


def test_while_copies_fail_the_disk_here_does_not_fill_up(place: Path, tmp_path: Path) -> None:
    for hours in range(3):
        with pytest.raises(CommandError, match="is the disk mounted"):
            back_up(str(tmp_path / "disk"), hours, "--keep", 2)
    assert [path.name for path in archive.backups_in(place)] == NAMES[1:]


def test_a_backup_that_is_half_removed_is_none(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.make(place)

    def cut_off(folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", cut_off)
    with pytest.raises(KeyboardInterrupt):
        archive.rotate(place, 0)
    assert archive.backups_in(place) == []


# --- Of buckets ---


def test_the_manifest_goes_last_below_the_prefix(place: Path, bucket: S3) -> None:
    back_up(bucket.address)
    assert all(put.startswith(f"backups/ours/{NAMES[0]}/") for put in bucket.puts)
    assert bucket.puts[-1].endswith("/manifest.json")
    assert {put.rpartition("/")[2] for put in bucket.puts} == {path.name for path in (place / NAMES[0]).iterdir()}


def test_a_copy_without_its_manifest_is_none(place: Path, bucket: S3) -> None:
    back_up(bucket.address)
    bucket.objects.pop(f"backups/ours/{NAMES[0]}/manifest.json")
    with pytest.raises(CommandError, match="There is no backup in "):
        say("fetch_backup", "--from", bucket.address)


def test_a_copy_that_is_not_whole_is_told_and_the_backup_stays(place: Path, bucket: S3) -> None:
    bucket.cut = 10
    with pytest.raises(CommandError, match="is not whole: it has 10 bytes"):
        back_up(bucket.address)
    assert archive.verify(place / NAMES[0]) == []
    assert not any(put.endswith("/manifest.json") for put in bucket.puts)


def test_a_damaged_copy_is_not_brought(place: Path, bucket: S3) -> None:
    back_up(bucket.address)
    shutil.rmtree(place)
    key = next(key for key in bucket.objects if "database" in key)
    bucket.objects[key] = bucket.objects[key][:-1] + b"x"

    with pytest.raises(CommandError, match=r"What was brought is not good: database\S* is damaged"):
        say("fetch_backup", "--from", bucket.address)
    assert list(place.iterdir()) == []


def test_a_manifest_that_names_files_elsewhere_is_not_followed(place: Path, bucket: S3) -> None:
    back_up(bucket.address)
    shutil.rmtree(place)
    key = f"backups/ours/{NAMES[0]}/manifest.json"
    document = json.loads(bucket.objects[key])
    document["parts"]["../../escaped"] = document["parts"].popitem()[1]
    bucket.objects[key] = json.dumps(document).encode()

    with pytest.raises(CommandError, match="cannot be read"):
        say("fetch_backup", "--from", bucket.address)
    assert not (place.parent / "escaped").exists()


def test_a_service_that_is_away_or_refuses_is_told_without_the_secret(place: Path, bucket: S3) -> None:
    with pytest.raises(CommandError, match=r"cannot be used: .*AccessDenied") as refusal:
        back_up(bucket.address.replace("key-of-backups", "another"))
    assert "secret" not in str(refusal.value)
    with s3() as gone:
        address = gone.address
    with pytest.raises(CommandError, match="cannot be used"):
        back_up(address, 1)
    assert [path.name for path in archive.backups_in(place)] == NAMES[:2]


@pytest.mark.parametrize("value", ["mnt/elsewhere", "s3://x", "s3://key@bucket/prefix", "ftp://elsewhere.example/x"])
def test_what_is_no_place_stops_the_start(value: str) -> None:
    with pytest.raises(SettingError, match="BACKUP_COPY_TO must"):
        copies_of_backups("BACKUP_COPY_TO", value)
