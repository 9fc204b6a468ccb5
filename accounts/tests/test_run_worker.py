"""`manage.py run_worker`, as a real process on the test's database."""

from __future__ import annotations

import asyncio
import http.client
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.mail import queue_mail
from accounts.models import OutgoingMail, User
from accounts.tests.smtp import Inbox, smtp_server
from hucares.serve import APPLICATION
from hucares.tests.commands import Start, processes_of
from hucares.tests.fresh_process import ROOT, run_fresh
from hucares.tests.served_process import WAIT_SECONDS, servers, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def start(transactional_db: None) -> Iterator[Start]:
    """Starts workers, and sees to it that none outlives the test."""
    with processes_of("run_worker") as starter:
        yield starter


def was_sent() -> bool:
    return OutgoingMail.objects.filter(sent_at__isnull=False).exists()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_it_sends_mails_until_a_signal(start: Start, alice: User, sent: signal.Signals) -> None:
    with smtp_server() as (inbox, url):
        process = start(email_url=url)
        assert process.stdout is not None
        assert "running" in process.stdout.readline()
        queue_mail(kind="verify-email", email=alice.email, user=alice)
        until(was_sent)

        process.send_signal(sent)
        output, errors = process.communicate(timeout=WAIT_SECONDS)

    assert process.returncode == 0, errors
    assert "ended" in output
    assert inbox.recipients == [alice.email]


def test_two_of_them_send_each_mail_once(start: Start, alice: User) -> None:
    for _ in range(10):
        queue_mail(kind="password-changed", email=alice.email, user=alice)
    with smtp_server() as (inbox, url):
        for process in [start("--once", email_url=url) for _ in range(2)]:
            _, errors = process.communicate(timeout=WAIT_SECONDS)
            assert process.returncode == 0, errors

    assert len(inbox.mails) == len({mail["Message-ID"] for mail in inbox.mails}) == 10


class Hesitating(Inbox):
    """Does not answer the first mail, ever."""

    def __init__(self) -> None:
        super().__init__()
        self.was_asked = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if not self.was_asked.is_set():
            self.was_asked.set()
            await asyncio.Event().wait()
        return await super().handle_DATA(server, session, envelope)


def test_a_mail_whose_worker_was_killed_in_the_middle_is_sent_by_another_one_later(start: Start, alice: User) -> None:
    queue_mail(kind="verify-email", email=alice.email, user=alice)
    inbox = Hesitating()
    with smtp_server(inbox=inbox) as (_, url):
        killed = start(email_url=url)
        assert inbox.was_asked.wait(WAIT_SECONDS)
        killed.kill()
        killed.communicate(timeout=WAIT_SECONDS)

        start("--once", email_url=url).communicate(timeout=WAIT_SECONDS)
        assert inbox.mails == [], "it counts as being sent for ten minutes"
        OutgoingMail.objects.update(due_at=timezone.now())  # they are over
        start("--once", email_url=url).communicate(timeout=WAIT_SECONDS)

    assert inbox.recipients == [alice.email]
    assert was_sent()


def test_it_lives_on_when_a_mail_cannot_be_sent(start: Start, alice: User) -> None:
    queue_mail(kind="verify-email", email=alice.email, user=alice)
    process = start("--once", email_url="smtp://127.0.0.1:1")
    _, errors = process.communicate(timeout=WAIT_SECONDS)

    assert process.returncode == 0, errors
    assert OutgoingMail.objects.get().last_error == "ConnectionRefusedError"


def test_its_help_says_when_to_run_it() -> None:
    command = [sys.executable, "manage.py", "run_worker", "--help"]
    text = " ".join(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())

    assert "Run one beside the servers" in text
    assert "--once" in text


def test_the_embedded_server_sends_mails_itself(tmp_path: Path) -> None:
    database = {"DEBUG": "1", "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    migrated = run_fresh("manage.py", "migrate", "--verbosity=0", **database)
    assert migrated.returncode == 0, migrated.stderr
    dana = {"username": "dana", "email": "dana@example.com", "password": "Quiet9river"}

    with smtp_server() as (inbox, url), servers() as serve:
        server = serve(APPLICATION, **database, EMAIL_URL=url).started()
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_SECONDS)
        client.request("POST", "/api/v1/auth/register", json.dumps(dana), {"Content-Type": "application/json"})
        assert client.getresponse().status == 201
        client.close()
        until(lambda: inbox.recipients == ["dana@example.com"])
        server.signal()
        exit_code, errors = server.end()

    assert exit_code == 0, errors
