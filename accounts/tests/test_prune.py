"""`manage.py prune`, and what of accounts it removes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session as AdminSession
from django.core.management import call_command
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.failed_sign_ins import MOST
from accounts.limits import hashed_account
from accounts.models import FailedSignIns, OutgoingMail, Session, User
from accounts.tests.builders import PASSWORD, make_session
from hucares import pruning
from hucares.pruning import PRUNINGS, Pruning
from hucares.tests.answers import data_of, refusal_of

KEPT = timedelta(days=180)
MINUTE = timedelta(minutes=1)


def report(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    call_command("prune", *options)
    return capsys.readouterr().out


def ago(age: timedelta) -> Any:
    return timezone.now() - age


@pytest.fixture
def leftovers(alice: User) -> set[Session]:
    """Three sign-ins and an admin session that ended long ago; the sign-ins that are to stay."""
    live, revoked, expired, revoked_lately, expired_lately, both = (make_session(alice) for _ in range(6))
    for session, values in (
        (revoked, {"revoked_at": ago(KEPT + MINUTE)}),
        (expired, {"expires_at": ago(KEPT + MINUTE)}),
        (both, {"expires_at": ago(MINUTE), "revoked_at": ago(KEPT + MINUTE)}),
        (revoked_lately, {"revoked_at": ago(KEPT - MINUTE)}),
        (expired_lately, {"expires_at": ago(KEPT - MINUTE)}),
    ):
        Session.objects.filter(pk=session.pk).update(**values)
    for key, end in (("old", ago(MINUTE)), ("new", ago(-MINUTE))):
        AdminSession.objects.create(session_key=key, expire_date=end)
    return {live, revoked_lately, expired_lately}


def test_it_removes_what_ended_long_ago_and_says_so(
    leftovers: set[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = report(capsys).splitlines()

    assert lines[0].split() == ["rows", "removed", "kept", "for"]
    rows = {line[:20].strip(): line[20:].split(maxsplit=1) for line in lines[1:-1]}
    assert rows.keys() == PRUNINGS.keys()
    assert rows["sign-in sessions"] == ["3", "180 days after their end"]
    assert rows["admin sessions"] == ["1", "until they expire"]
    assert rows["mails"] == ["0", "7 days once sent, 30 days if given up"]
    assert lines[-1] == "Rows removed: 4."
    assert set(Session.objects.all()) == leftovers
    assert AdminSession.objects.get().pk == "new"
    assert report(capsys).splitlines()[-1] == "Rows removed: 0."


def test_a_dry_run_counts_the_same_and_changes_nothing(
    leftovers: set[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = report(capsys, "--dry-run").splitlines()

    assert lines[0].split() == ["rows", "to", "remove", "kept", "for"]
    assert lines[-1] == "Rows to remove: 4; nothing was changed."
    assert (Session.objects.count(), AdminSession.objects.count()) == (6, 2)


def test_it_can_be_read_by_machines(leftovers: set[Session], capsys: pytest.CaptureFixture[str]) -> None:
    dry, wet = json.loads(report(capsys, "--json", "--dry-run")), json.loads(report(capsys, "--json"))

    assert (dry["dryRun"], wet["dryRun"]) == (True, False)
    assert dry["kinds"] == wet["kinds"]
    assert {"name": "sign-in sessions", "kept": "180 days after their end", "rows": 3, "error": None} in wet["kinds"]
    assert sum(kind["rows"] for kind in wet["kinds"]) == 4


def test_many_rows_take_many_batches(
    leftovers: set[Session], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "BATCH", 1)

    assert report(capsys).splitlines()[-1] == "Rows removed: 4."
    assert set(Session.objects.all()) == leftovers


def broken() -> QuerySet[Session]:
    """Rows that no database can find."""
    return Session.objects.extra(where=["there_is_no_such_column = 1"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("options", "left"), [([], 3), (["--dry-run"], 6)])
def test_what_cannot_be_removed_fails_and_the_others_are_done(
    options: list[str],
    left: int,
    leftovers: set[Session],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "accounts.management.commands.prune.PRUNINGS", {"broken": Pruning("broken", "1 day", broken), **PRUNINGS}
    )
    with pytest.raises(SystemExit) as end:
        report(capsys, *options)

    written = capsys.readouterr()
    assert end.value.code == 1
    assert "there_is_no_such_column" in written.err
    assert written.out.splitlines()[1].split()[:4] == ["broken", "0", "1", "day"]
    assert "FAILED: " in written.out.splitlines()[1]
    assert " 4" in written.out.splitlines()[-1]
    assert Session.objects.count() == left


def test_a_former_place_is_a_known_one_until_it_is_forgotten(
    alice: User, mailoutbox: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """A correct password from there opens an account that is closed to strangers."""
    body = {"email": alice.email, "password": PASSWORD}
    data_of(APIClient().post("/api/v1/auth/login", body, REMOTE_ADDR="192.0.2.1"))
    FailedSignIns.objects.create(account=hashed_account(alice.email), failures=MOST, last_at=timezone.now())
    Session.objects.update(revoked_at=ago(KEPT - MINUTE))
    report(capsys)
    data_of(APIClient().post("/api/v1/auth/login", body, REMOTE_ADDR="192.0.2.1"))
    Session.objects.update(revoked_at=ago(KEPT + MINUTE))
    report(capsys)

    refusal_of(APIClient().post("/api/v1/auth/login", body, REMOTE_ADDR="192.0.2.1"), 401, "INVALID_CREDENTIALS")


def test_whoever_comes_back_after_everything_was_forgotten_is_told_of_the_sign_in(
    alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {"email": alice.email, "password": PASSWORD}
    data_of(APIClient().post("/api/v1/auth/login", body))
    assert not OutgoingMail.objects.exists()
    Session.objects.update(revoked_at=ago(KEPT + MINUTE))
    report(capsys)
    assert not Session.objects.exists()

    data_of(APIClient().post("/api/v1/auth/login", body))

    assert [mail.kind for mail in OutgoingMail.objects.all()] == ["new-device"]


def test_its_help_says_what_it_is_for_and_what_it_exits_with(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        report(capsys, "--help")

    text = " ".join(capsys.readouterr().out.split())
    assert "no check-in, group or person ever is" in text
    assert "The exit code is 0, or 1 when a kind of rows could not be removed" in text
    assert "--dry-run" in text and "--json" in text
