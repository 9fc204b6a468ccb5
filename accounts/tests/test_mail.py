"""The mail outbox."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import LazySettings
from django.core import mail as django_mail
from django.core.mail import EmailMessage
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts import letters, mail
from accounts.failed_sign_ins import MOST
from accounts.limits import hashed_account
from accounts.mail import deliver_due_mails, queue_mail
from accounts.models import FailedSignIns, OutgoingMail, User
from accounts.tests.builders import make_user, token_in
from accounts.tests.smtp import smtp_server, use
from hucares.leases import take_up
from hucares.pruning import PRUNINGS
from hucares.tests.racing import at_once
from hucares.tests.served_process import free_port

KINDS = [
    "verify-email",
    "reset-password",
    "password-changed",
    "email-change-asked",
    "email-changed",
    "new-device",
    "pin-set-up",
    "sign-in-closed",
]
TO_AN_ADDRESS = {"reset-password", "sign-in-closed"}  # whoever has it


def queue(user: User, kind: str = "verify-email") -> OutgoingMail:
    if kind == "sign-in-closed":
        FailedSignIns.objects.update_or_create(
            account=hashed_account(user.email), defaults={"failures": MOST, "last_at": timezone.now()}
        )
    return queue_mail(kind=kind, email=user.email, user=None if kind in TO_AN_ADDRESS else user)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_friendly_in_text_and_html(alice: User, mailoutbox: list[Any], kind: str) -> None:
    queue(alice, kind)

    assert deliver_due_mails() == 1

    (sent,) = mailoutbox
    (html, media_type) = sent.alternatives[0]
    assert media_type == "text/html"
    assert sent.to == [alice.email]
    assert sent.from_email == "HuCares <hello@testserver>"
    for text in (sent.body, html):
        assert "Hello alice," in text
        assert "You get this mail because" in text
        assert "{" not in text
        assert "None" not in text
    assert "\n\n\n" not in sent.body
    assert ('href="http://testserver/' in html) == ("#token=" in sent.body)
    assert OutgoingMail.objects.get().sent_at is not None
    assert deliver_due_mails() == 0


def test_what_a_client_says_is_no_markup(alice: User, mailoutbox: list[Any]) -> None:
    user_agent = letters.shown_user_agent("<b>Firefox</b>\n\nnow\x00 go " + "x" * 500)
    queue_mail(kind="new-device", email=alice.email, user=alice, userAgent=user_agent, ipAddress="192.0.2.1")
    deliver_due_mails()

    assert "Device: <b>Firefox</b> now go xxx" in mailoutbox[0].body
    assert "&lt;b&gt;Firefox&lt;/b&gt; now go" in mailoutbox[0].alternatives[0].content
    assert len(user_agent) <= 120


def test_it_travels_through_a_real_mail_server(alice: User, settings: LazySettings) -> None:
    row = queue(alice)
    with smtp_server() as (inbox, url):
        use(settings, url)
        deliver_due_mails()

    (sent,) = inbox.mails
    assert inbox.recipients == [alice.email]
    assert (sent["From"], sent["To"]) == ("HuCares <hello@testserver>", alice.email)
    assert sent["Subject"] == "Please confirm your e-mail address"
    assert sent["Message-ID"] == f"<{row.pk}@testserver>"
    assert sent["Auto-Submitted"] == "auto-generated"
    texts = [part.get_content() for part in sent.iter_parts()]
    assert all("/verify-email#token=" in text for text in texts)


def test_a_dead_mail_server_loses_nothing(alice: User, settings: LazySettings) -> None:
    port = free_port()
    use(settings, f"smtp://127.0.0.1:{port}")
    queue(alice)
    begun = timezone.now()

    deliver_due_mails()

    row = OutgoingMail.objects.get()
    assert (row.attempts, row.last_error, row.sent_at) == (1, "ConnectionRefusedError", None)
    assert row.due_at is not None
    assert timedelta(seconds=59) < row.due_at - begun < timedelta(seconds=75)
    with smtp_server(port) as (inbox, _):
        assert deliver_due_mails() == 0  # not yet
        with time_machine.travel(row.due_at + timedelta(seconds=1)):
            assert deliver_due_mails() == 1
    assert inbox.recipients == [alice.email]
    row.refresh_from_db()
    assert (row.attempts, row.last_error, row.due_at) == (2, "", None)
    assert row.sent_at is not None


def test_one_mail_that_fails_does_not_hold_up_the_others(
    alice: User, bob: User, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(row: OutgoingMail) -> None:
        raise LookupError("with a secret in it")

    monkeypatch.setitem(mail.WRITERS, "password-changed", broken)
    queue(alice, "password-changed")
    queue(bob)

    assert deliver_due_mails() == 2

    assert [sent.to for sent in mailoutbox] == [[bob.email]]
    assert OutgoingMail.objects.get(kind="password-changed").last_error == "LookupError"


def test_it_is_tried_ever_more_rarely_and_given_up_after_a_week(alice: User, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "accounts.tests.smtp.NoSuchBackend"
    row = queue(alice)
    pauses = []
    while row.due_at is not None:
        with time_machine.travel(row.due_at + timedelta(seconds=1), tick=False):
            before = timezone.now()
            assert deliver_due_mails() == 1
        row.refresh_from_db()
        pauses.append((row.due_at or before) - before)

    minutes = [pause.total_seconds() / 60 for pause in pauses]
    assert minutes[:7] == [1, 5, 30, 120, 360, 720, 720]
    assert set(minutes[7:-1]) == {720}
    assert minutes[-1] == 0
    assert before - row.created_at < timedelta(days=7)
    assert sum(pauses, timedelta()) > timedelta(days=6)
    assert row.sent_at is None


def test_a_rollback_takes_the_mail_with_it(alice: User) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        queue(alice)
        raise DatabaseError
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "reset-password"])
def test_who_is_inactive_hears_nothing(alice: User, mailoutbox: list[Any], kind: str) -> None:
    queue(alice, kind)
    User.objects.update(is_active=False)

    deliver_due_mails()

    assert mailoutbox == []
    assert not OutgoingMail.objects.exists()


def test_a_kind_that_nobody_writes_is_a_mistake(alice: User) -> None:
    with pytest.raises(ValueError, match="no kind of mail named party"):
        queue(alice, "party")
    with pytest.raises(ValueError, match="already"):
        mail.letter_for("verify-email")(letters.notice)


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_one_mail_twice(settings: LazySettings) -> None:
    for number in range(15):
        queue(make_user(f"dana_{number}"))
    with smtp_server() as (inbox, url):
        use(settings, url)
        at_once(2, lambda number: deliver_due_mails())

    assert sorted(inbox.recipients) == sorted(User.objects.values_list("email", flat=True))
    assert set(OutgoingMail.objects.values_list("attempts", flat=True)) == {1}


def test_a_claimed_mail_is_left_alone_and_taken_up_again_if_its_worker_died(alice: User, mailoutbox: list[Any]) -> None:
    row = queue(alice)
    rows = OutgoingMail.objects.all()
    assert take_up(OutgoingMail.objects.get(), rows, timezone.now(), mail.LEASE)

    assert not take_up(row, rows, timezone.now(), mail.LEASE)
    assert deliver_due_mails() == 0
    with time_machine.travel(timezone.now() + mail.LEASE):
        assert deliver_due_mails() == 1
    assert len(mailoutbox) == 1


def test_old_mails_are_removed(alice: User, bob: User) -> None:
    now = timezone.now()
    waiting, sent, old, failed, forgotten = (queue(alice) for _ in range(5))
    for row, sent_at, created_at in (
        (sent, now - timedelta(days=6), now - timedelta(days=8)),
        (old, now - timedelta(days=7, minutes=1), now - timedelta(days=8)),
        (failed, None, now - timedelta(days=29)),
        (forgotten, None, now - timedelta(days=31)),
    ):
        OutgoingMail.objects.filter(pk=row.pk).update(due_at=None, sent_at=sent_at, created_at=created_at)

    PRUNINGS["mails"].run()

    assert set(OutgoingMail.objects.all()) == {waiting, sent, failed}


def test_no_token_is_anywhere_in_the_database(alice: User, mailoutbox: list[EmailMessage]) -> None:
    for kind in KINDS:
        queue(alice, kind)
    deliver_due_mails()

    tokens = [token_in(sent) for sent in django_mail.outbox if "#token=" in sent.body]
    assert len(tokens) == 2
    dump = json.dumps([list(model._default_manager.values()) for model in apps.get_models()], default=str)
    assert alice.email in dump
    assert not any(token in dump for token in tokens)
