"""What is restored is what was there at the moment of the backup, all of it or nothing."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest
from django.conf import LazySettings
from django.db import connection, connections

from accounts.models import User
from accounts.tests.builders import make_user
from checkins.tests.builders import make_check_in
from groups.models import Group
from groups.services import update_group
from groups.tests.builders import make_group
from hucares.backups import afterwards, archive
from hucares.backups.errors import BackupError
from hucares.backups.manifest import Manifest, Tables
from hucares.backups.tests.elsewhere import elsewhere, rows_of
from hucares.tests.served_process import until

pytestmark = pytest.mark.django_db(transaction=True)

NOTE = "line one\nline two\ttab \\ 'quoted' é 🙂"
LEAST_WRITTEN = 5  # changes that are made while a backup is


def but_logs(tables: Tables) -> Tables:
    """All tables but the one whose rows must differ: a restored log begins another life."""
    return {name: table for name, table in tables.items() if name != "group_logs"}


def content() -> Tables:
    return archive.engine().content()


@pytest.fixture
def life(place: Path) -> Group:
    """A group in which something has happened."""
    alice, bob = make_user("alice"), make_user("bob", privacy_settings={"scores": "private"})
    group = make_group(alice, bob, name="The 'Porch' \\ é 🙂")
    make_check_in(alice, group, reflection_note=NOTE, mood_emoji="🙂")
    make_check_in(bob, group)
    return group


def test_everything_comes_back_as_it_was(life: Group, place: Path, settings: LazySettings, tmp_path: Path) -> None:
    before, logs = content(), rows_of("SELECT head, epoch FROM group_logs")
    backup = archive.make(place)
    assert backup.manifest.tables == before
    assert before["check_ins"].rows == 2

    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    with elsewhere():
        assert archive.engine().is_empty()
        archive.restore(backup.folder)

        assert but_logs(content()) == but_logs(before)
        assert (NOTE,) in rows_of("SELECT reflection_note FROM check_ins")
        ((head, epoch),) = rows_of("SELECT head, epoch FROM group_logs")
        assert head == logs[0][0] > 0
        assert epoch != logs[0][1]
    assert (tmp_path / "elsewhere" / "avatars" / "alice.webp").read_bytes() == b"a picture"
    assert content() == before


class Writers:
    """As many as write at once, and how often each has."""

    def __init__(self, work: Callable[[int, int], None], count: int) -> None:
        self.work, self.ended = work, threading.Event()
        self.written = [0] * count
        self.threads = [threading.Thread(target=self.write, args=(number,)) for number in range(count)]

    def write(self, number: int) -> None:
        """Go on and on."""
        try:
            while not self.ended.is_set():
                self.work(number, self.written[number])
                self.written[number] += 1
        finally:
            connections.close_all()

    def await_changes(self) -> None:
        """Until each of them has written some more."""
        wanted = [done + LEAST_WRITTEN for done in self.written]
        until(lambda: all(done >= least for done, least in zip(self.written, wanted, strict=True)))

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.parametrize("time", range(5))
def test_a_backup_under_load_is_of_one_moment(life: Group, place: Path, time: int) -> None:
    """Each change counts an event and writes it, in one transaction: a backup of two moments would tell."""
    alice = User.objects.get(username="alice")
    groups = [life, *(make_group(alice, name=f"Group {number}") for number in range(3))]

    def change(number: int, count: int) -> None:
        update_group(user=alice, group_id=groups[number].pk, description=str(count))

    with Writers(change, len(groups)) as writers:
        writers.await_changes()
        backup = archive.make(place)
        writers.await_changes()

    with elsewhere():
        archive.restore(backup.folder)
        assert but_logs(content()) == but_logs(backup.manifest.tables)
        told = dict(rows_of("SELECT group_id, count(*) FROM group_events GROUP BY group_id"))
        assert dict(rows_of("SELECT group_id, head FROM group_logs")) == told
        assert len(told) == len(groups)
    assert archive.verify(backup.folder) == []


def test_what_came_later_goes(life: Group, place: Path) -> None:
    before = content()
    backup = archive.make(place)
    make_group(make_user("charlie"), name="Later")
    media = place.parent / "media" / "avatars"
    (media / "later.webp").write_bytes(b"another picture")
    (media / "alice.webp").write_bytes(b"damaged")

    archive.restore(backup.folder, force=True)

    assert but_logs(content()) == but_logs(before)
    assert [(path.name, path.read_bytes()) for path in media.iterdir()] == [("alice.webp", b"a picture")]


def test_a_database_with_something_in_it_is_left_alone(life: Group, place: Path) -> None:
    backup = archive.make(place)
    make_user("charlie")
    before = content()

    with pytest.raises(BackupError, match="The database is not empty; --force "):
        archive.restore(backup.folder)

    assert content() == before


def test_a_restore_that_fails_changes_nothing(life: Group, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = archive.make(place)
    make_user("charlie")
    before = content()
    monkeypatch.setitem(afterwards.STATEMENTS, "nonsense", lambda: "UPDATE nothing SET is = there")

    with pytest.raises(BackupError if connection.vendor == "postgresql" else Exception):
        archive.restore(backup.folder, force=True)

    assert content() == before


def damage_end(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-10] + b"0123456789")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


@pytest.mark.parametrize("harm", [damage_end, cut_short, Path.unlink])
@pytest.mark.parametrize("part", ["database", "media"])
def test_damage_is_found_and_nothing_is_restored(life: Group, place: Path, part: str, harm: object) -> None:
    backup = archive.make(place)
    name = next(name for name in backup.manifest.parts if name.startswith(part))
    harm(backup.folder / name)  # type: ignore[operator]
    before = content()

    (sentence,) = archive.verify(backup.folder)
    assert sentence.startswith(f"{name} ")
    with pytest.raises(BackupError, match=f"{name} "):
        archive.restore(backup.folder, force=True)
    assert content() == before


@pytest.mark.parametrize("manifest", [None, "", "{}", "[]", '{"format": 99}', '{"format": 1, "parts": 7}'])
def test_a_folder_without_a_good_manifest_is_no_backup(life: Group, place: Path, manifest: str | None) -> None:
    folder = archive.make(place).folder
    (folder / "manifest.json").unlink()
    if manifest is not None:
        (folder / "manifest.json").write_text(manifest)

    (sentence,) = archive.verify(folder)
    assert str(folder) in sentence
    with pytest.raises(BackupError):
        archive.restore(folder, force=True)


def test_rows_that_are_not_those_of_the_manifest_are_told(life: Group, place: Path) -> None:
    folder = archive.make(place).folder
    text = (folder / "manifest.json").read_text()
    tables = Manifest.read(folder).tables
    users, check_ins = tables["users"], tables["check_ins"]
    text = text.replace(f'"rows": {users.rows},\n      "digest": "{users.digest}"', '"rows": 7,\n      "digest": "7"')
    text = text.replace(check_ins.digest, "7").replace('"user_sessions"', '"user_sessions_of_before"')
    (folder / "manifest.json").write_text(text)

    assert archive.verify(folder) == [
        "The table check_ins has other rows than it should.",
        "The table user_sessions is there, and should not be.",
        "The table user_sessions_of_before is missing.",
        "The table users has 2 rows instead of 7.",
    ]


def test_a_backup_of_another_kind_of_database_is_refused(life: Group, place: Path) -> None:
    folder = archive.make(place).folder
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace(f'"engine": "{connection.vendor}"', '"engine": "oracle"'))

    with pytest.raises(BackupError, match=r"^The backup is of oracle, but DATABASE_URL names "):
        archive.restore(folder, force=True)


def test_it_is_for_its_owner_alone(life: Group, place: Path) -> None:
    folder = archive.make(place).folder

    assert {stat.S_IMODE(path.stat().st_mode) for path in (place, folder)} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_one_that_fails_leaves_nothing(life: Group, place: Path) -> None:
    with pytest.raises(BackupError):
        archive.make(place, recipient="nobody@nowhere.invalid")

    assert list(place.iterdir()) == []


@pytest.mark.needs_servers
def test_programs_of_another_version_are_refused(
    life: Group, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o700)
    monkeypatch.setattr("hucares.backups.programs.DEBIAN", str(tmp_path))

    with pytest.raises(BackupError, match=r"is of PostgreSQL 9, but the server is of \d+: install "):
        archive.make(place)
    assert list(place.iterdir()) == []
