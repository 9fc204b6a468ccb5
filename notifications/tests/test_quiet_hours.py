"""During quiet hours a mail waits for their end; what it tells of is found out when it happens, and again then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.mail import deliver_due_mails, queue_mail
from accounts.models import OutgoingMail, User
from accounts.tests.builders import signed_in
from checkins.tests.builders import make_check_in
from groups.members import join_group
from groups.models import Group
from groups.tests.builders import make_member
from groups.tests.inviting import invite
from notifications.models import Notification

NIGHT = {"start": "22:00", "end": "07:00"}


@pytest.fixture
def clock() -> Iterator[Any]:
    """23:00 in Los Angeles, an hour before the night in which the clocks go forward: 07:00 is in seven hours."""
    with time_machine.travel("2026-03-08T07:00:00Z", tick=False) as traveller:
        yield traveller


def sleep(user: User, **preferences: Any) -> None:
    """This person lives in Los Angeles and sleeps at night."""
    User.objects.filter(pk=user.pk).update(
        timezone="America/Los_Angeles", notification_preferences={"quietHours": NIGHT, **preferences}
    )


def sent_at(clock: Any, moment: str, mailoutbox: list[Any]) -> list[str]:
    """Subjects of all mails sent until this instant."""
    clock.move_to(f"2026-03-08T{moment}Z")
    deliver_due_mails()
    return [sent.subject for sent in mailoutbox]


def test_an_invitation_comes_in_the_morning_and_is_in_the_app_at_once(
    bob: User, charlie: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    sleep(charlie)
    invite(bob, porch, email=charlie.email)

    deliver_due_mails()
    assert mailoutbox == []
    row = Notification.objects.get(user=charlie)
    assert (row.created_at, row.is_sent) == (timezone.now(), False)
    assert OutgoingMail.objects.get().due_at == parse_datetime("2026-03-08T14:00:00Z")
    assert sent_at(clock, "13:59:59", mailoutbox) == []
    assert sent_at(clock, "14:00:00", mailoutbox) == ["bob invites you to The Porch"]
    assert sent_at(clock, "23:00:00", mailoutbox) == ["bob invites you to The Porch"]
    row.refresh_from_db()
    assert row.is_sent is True


def test_it_does_not_come_when_it_is_not_true_any_more(
    bob: User, charlie: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    sleep(charlie)
    invite(bob, porch, username="charlie")
    deliver_due_mails()
    join_group(user=charlie, access_code=porch.access_code)

    assert sent_at(clock, "14:00:00", mailoutbox) == []
    assert not OutgoingMail.objects.exists()


def test_what_friends_did_during_the_night_comes_as_one(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    sleep(bob, friendCheckIn={"email": True})
    make_check_in(alice, porch)
    assert sent_at(clock, "07:15:00", mailoutbox) == []
    make_check_in(make_member("dana", porch), porch)
    assert sent_at(clock, "10:00:00", mailoutbox) == []
    assert Notification.objects.filter(user=bob).count() == 2

    assert sent_at(clock, "14:00:00", mailoutbox) == ["alice and dana checked in to The Porch"]


def test_what_is_read_during_the_night_does_not_come(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    sleep(bob, friendCheckIn={"email": True})
    make_check_in(alice, porch)
    assert sent_at(clock, "07:15:00", mailoutbox) == []
    signed_in(bob).post("/api/v1/notifications/read-all")

    assert sent_at(clock, "14:00:00", mailoutbox) == []


def test_hours_that_are_changed_meanwhile_count_as_they_are_then(
    bob: User, charlie: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    sleep(charlie)
    invite(bob, porch, username="charlie")
    deliver_due_mails()
    longer = {"notificationPreferences": {"quietHours": {"start": "22:00", "end": "08:30"}}}
    assert signed_in(charlie).put("/api/v1/users/profile", longer).status_code == 200

    assert sent_at(clock, "14:00:00", mailoutbox) == []
    assert sent_at(clock, "15:30:00", mailoutbox) == ["bob invites you to The Porch"]


def test_a_stranger_has_no_quiet_hours(bob: User, porch: Group, clock: Any, mailoutbox: list[Any]) -> None:
    sleep(bob)
    invite(bob, porch, email="erin@example.com")
    deliver_due_mails()

    assert len(mailoutbox) == 1


def test_what_concerns_the_safety_of_the_account_does_not_wait(alice: User, clock: Any, mailoutbox: list[Any]) -> None:
    sleep(alice)
    queue_mail(kind="password-changed", email=alice.email, user=alice)
    deliver_due_mails()

    assert len(mailoutbox) == 1


@pytest.mark.parametrize("whom", [{"username": "charlie"}, {"email": "charlie@example.com"}])
def test_an_invitation_that_is_read_during_the_night_does_not_come(
    bob: User, charlie: User, porch: Group, clock: Any, mailoutbox: list[Any], whom: dict[str, str]
) -> None:
    sleep(charlie)
    invite(bob, porch, **whom)
    deliver_due_mails()
    signed_in(charlie).post("/api/v1/notifications/read-all")

    assert sent_at(clock, "14:00:00", mailoutbox) == []
    assert not OutgoingMail.objects.exists()


def test_an_invitation_comes_in_the_morning_to_whoever_has_switched_the_app_off(
    bob: User, charlie: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    sleep(charlie, groupInvitation={"inApp": False})
    invite(bob, porch, username="charlie")
    deliver_due_mails()

    assert sent_at(clock, "14:00:00", mailoutbox) == ["bob invites you to The Porch"]
