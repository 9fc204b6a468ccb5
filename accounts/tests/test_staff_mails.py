"""Mails in the admin: what has become of each, and another try for those that failed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.mail import deliver_due_mails, queue_mail
from accounts.models import OutgoingMail, User
from accounts.roles import SUPPORT
from accounts.tests.staff import act, browser, entries, make_staff, told

LIST = "/admin/accounts/outgoingmail/"


@pytest.fixture
def support(db: None) -> User:
    return make_staff(SUPPORT)


def make_mail(user: User, **columns: Any) -> OutgoingMail:
    mail = queue_mail(kind="password-changed", email=user.email, user=user)
    OutgoingMail.objects.filter(pk=mail.pk).update(**columns)
    return OutgoingMail.objects.get(pk=mail.pk)


@pytest.fixture
def mails(alice: User) -> dict[str, OutgoingMail]:
    now = timezone.now()
    return {
        "waiting": make_mail(alice),
        "failing": make_mail(alice, due_at=now + timedelta(hours=3), last_error="SMTPServerDisconnected", attempts=5),
        "given-up": make_mail(alice, due_at=None, last_error="SMTPRecipientsRefused", attempts=30),
        "sent": make_mail(alice, due_at=None, sent_at=now),
    }


def test_they_are_found_by_what_has_become_of_them(support: User, mails: dict[str, OutgoingMail]) -> None:
    for state in ("failing", "given-up", "sent"):
        rows = browser(support).get(LIST, {"state": state}).context["cl"].queryset
        assert [row.pk for row in rows] == [mails[state].pk]
    waiting = browser(support).get(LIST, {"state": "waiting"}).context["cl"].queryset
    assert {row.pk for row in waiting} == {mails["waiting"].pk, mails["failing"].pk}


@pytest.mark.parametrize("state", ["failing", "given-up"])
def test_one_that_failed_is_sent_at_once(
    support: User, alice: User, mails: dict[str, OutgoingMail], state: str, mailoutbox: list[Any]
) -> None:
    OutgoingMail.objects.filter(pk=mails["waiting"].pk).delete()
    assert told(act(support, "try_again", mails[state]))[0].endswith(": done.")

    deliver_due_mails()

    assert len(mailoutbox) == 1
    assert OutgoingMail.objects.get(pk=mails[state].pk).sent_at is not None
    assert entries("action", "subject_id", "after") == [("try mail again", alice.pk, {"mail_id": str(mails[state].pk)})]


@pytest.mark.parametrize("state", ["waiting", "sent"])
def test_another_is_left_alone(support: User, mails: dict[str, OutgoingMail], state: str) -> None:
    before = mails[state].due_at
    assert told(act(support, "try_again", mails[state]))[0].endswith("It was sent, or has not failed yet.")
    assert OutgoingMail.objects.get(pk=mails[state].pk).due_at == before
    assert entries("action") == []


def test_one_to_nobody_we_know_is_in_the_log_by_its_own_id(support: User) -> None:
    mail = queue_mail(kind="reset-password", email="nobody@example.com")
    OutgoingMail.objects.update(last_error="SMTPServerDisconnected")
    act(support, "try_again", mail)
    assert entries("subject_type", "subject_id") == [("outgoing_mails", mail.pk)]
    assert browser(support).get("/admin/accounts/auditentry/").status_code == 200
