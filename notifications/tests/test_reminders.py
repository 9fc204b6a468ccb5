"""Who is reminded to check in, when, and what they get."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.mail import deliver_due_mails
from accounts.models import OutgoingMail, User
from accounts.tests.builders import make_user, signed_in
from checkins.services import delete_check_in
from checkins.tests.builders import make_check_in
from groups.members import join_group, leave_group
from groups.models import Group, Membership, Status
from groups.services import archive_group, update_group
from groups.tests.builders import make_group, make_member
from hucares.tests.answers import data_of
from notifications.models import Notification, Reminder
from notifications.reminding import Round, remind_group
from notifications.signals import notifications_created
from notifications.tests.reminding import remind


@pytest.fixture(autouse=True)  # before any group is founded
def clock() -> Iterator[Any]:
    """Wednesday of a week that ends with Sunday, 8 March; in UTC that is 24 hours after its beginning."""
    with time_machine.travel("2026-03-04T12:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def sunday(clock: Any, porch: Group) -> Any:
    """The first moment of that Sunday; `porch` has just become due."""
    clock.move_to("2026-03-08T00:00:00Z")
    return clock


def reminded() -> list[str]:
    """Who has a reminder in the app; twice who has two."""
    rows = Notification.objects.filter(type="weekly_reminder").order_by("user__username", "pk")
    return list(rows.values_list("user__username", flat=True))


def mailed(mailoutbox: list[Any]) -> list[str]:
    """Who was mailed, once all is sent that is due."""
    deliver_due_mails()
    return sorted(name.partition("@")[0] for sent in mailoutbox for name in sent.to)


def test_members_who_have_not_checked_in_are_reminded_a_day_before_the_end(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    make_check_in(alice, porch)
    clock.move_to("2026-03-07T23:59:59Z")
    assert remind() == 0

    clock.shift(1)
    assert remind() == 1

    row = Notification.objects.get(user=bob, type="weekly_reminder")
    assert row.data == {
        "groupId": str(porch.pk),
        "groupName": "The Porch",
        "periodStart": "2026-03-02",
        "endsAt": "2026-03-09T00:00:00Z",
    }
    assert (row.title, row.subject, row.is_sent) == ("How was it?", None, False)
    assert row.message == "You have not checked in to The Porch yet. There is still time."
    assert row.expires_at == parse_datetime("2026-03-09T00:00:00Z")
    assert reminded() == mailed(mailoutbox) == ["bob"]
    row.refresh_from_db()
    assert row.is_sent is True


def test_the_mail_says_until_when_there_is_time_on_the_readers_own_clock(
    bob: User, porch: Group, sunday: Any, mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=bob.pk).update(timezone="Asia/Kolkata")
    remind()
    deliver_due_mails()

    sent = next(one for one in mailoutbox if one.to == [bob.email])
    assert sent.subject == "How was your week? The Porch would love to hear"
    for text in (sent.body, sent.alternatives[0].content):
        assert "Hello bob," in text
        assert "until Monday, 9 March, 05:30 (Asia/Kolkata)" in text
        assert f"http://testserver/groups/{porch.pk}" in text
        assert "You get this mail because you are in “The Porch” and have not checked in yet." in text


def test_the_app_shows_it_until_the_end(bob: User, porch: Group, sunday: Any) -> None:
    remind()
    client = signed_in(bob)
    (row,) = data_of(client.get("/api/v1/notifications?type=weekly_reminder"))
    assert row["data"]["endsAt"] == row["expiresAt"] == "2026-03-09T00:00:00Z"

    sunday.shift(24 * 3600)
    assert data_of(signed_in(bob).get("/api/v1/notifications")) == []


@pytest.mark.parametrize(
    ("frequency", "due", "question"),
    [
        ("daily", "2026-03-04T18:00:00Z", "How was your day?"),
        ("weekly", "2026-03-08T00:00:00Z", "How was your week?"),
        ("biweekly", "2026-03-08T00:00:00Z", "How were your two weeks?"),
    ],
)
def test_a_daily_group_is_reminded_six_hours_before_the_others_a_day(
    alice: User, clock: Any, mailoutbox: list[Any], frequency: str, due: str, question: str
) -> None:
    moment = parse_datetime(due)
    assert moment is not None
    make_group(alice, check_in_frequency=frequency)
    clock.move_to(moment.timestamp() - 1)
    assert remind() == 0
    clock.move_to(moment)
    assert remind() == 1
    deliver_due_mails()

    assert mailoutbox[0].subject.startswith(question)


def test_nobody_is_reminded_twice_of_a_period(
    alice: User, bob: User, porch: Group, sunday: Any, mailoutbox: list[Any]
) -> None:
    for _ in range(8):
        remind()
        deliver_due_mails()
        sunday.shift(3 * 3600)
    assert reminded() == mailed(mailoutbox) == ["alice", "bob"]

    sunday.move_to("2026-03-15T00:00:00Z")
    remind()
    assert mailed(mailoutbox) == ["alice", "alice", "bob", "bob"]
    assert list(Reminder.objects.filter(user=bob).order_by("period_start").values_list("period_start", flat=True)) == [
        date(2026, 3, 2),
        date(2026, 3, 9),
    ]


def test_who_takes_a_check_in_back_is_not_reminded_again(bob: User, porch: Group, sunday: Any) -> None:
    remind()
    check_in = make_check_in(bob, porch)
    delete_check_in(user=bob, check_in_id=check_in.pk)

    assert remind() == 0


def test_who_comes_in_during_the_last_day_is_reminded_too(charlie: User, porch: Group, sunday: Any) -> None:
    remind()
    sunday.shift(3600)
    join_group(user=charlie, access_code=porch.access_code)

    assert remind() == 1
    assert reminded() == ["alice", "bob", "charlie"]


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(lambda bob, porch: make_check_in(bob, porch), id="has checked in"),
        pytest.param(lambda bob, porch: leave_group(user=bob, group_id=porch.pk), id="has left"),
        pytest.param(
            lambda bob, porch: Membership.objects.filter(user=bob).update(status=Status.BANNED), id="is banned"
        ),
        pytest.param(
            lambda bob, porch: Membership.objects.filter(user=bob).update(notification_enabled=False), id="has muted it"
        ),
        pytest.param(lambda bob, porch: User.objects.filter(pk=bob.pk).update(is_active=False), id="is inactive"),
        pytest.param(lambda bob, porch: choose(bob, inApp=False, email=False), id="wants none"),
    ],
)
def test_whom_it_would_bother_is_not_reminded(
    bob: User, porch: Group, sunday: Any, mailoutbox: list[Any], before: Callable[[User, Group], object]
) -> None:
    before(bob, porch)
    remind()

    assert reminded() == mailed(mailoutbox) == ["alice"]
    assert not Reminder.objects.filter(user=bob).exists()


def choose(user: User, **channels: bool) -> None:
    User.objects.filter(pk=user.pk).update(notification_preferences={"weeklyReminder": channels})


@pytest.mark.parametrize(
    ("channels", "in_app", "by_mail"), [({"email": False}, True, False), ({"inApp": False}, False, True)]
)
def test_each_is_reminded_as_they_like(
    bob: User, porch: Group, sunday: Any, mailoutbox: list[Any], channels: dict[str, bool], in_app: bool, by_mail: bool
) -> None:
    choose(bob, **channels)
    for _ in range(2):
        remind()

    assert ("bob" in reminded()) is in_app
    assert mailed(mailoutbox).count("bob") == by_mail


def test_an_ended_group_reminds_nobody(alice: User, porch: Group, sunday: Any) -> None:
    archive_group(user=alice, group_id=porch.pk)

    assert (remind(), remind_group(porch.pk)) == (0, 0)


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(lambda alice, bob, porch: make_check_in(bob, porch), id="they have checked in"),
        pytest.param(lambda alice, bob, porch: leave_group(user=bob, group_id=porch.pk), id="they have left"),
        pytest.param(
            lambda alice, bob, porch: Membership.objects.filter(user=bob).update(notification_enabled=False),
            id="they have muted it",
        ),
        pytest.param(lambda alice, bob, porch: choose(bob, email=False), id="they want no mails any more"),
        pytest.param(lambda alice, bob, porch: User.objects.filter(pk=bob.pk).update(is_active=False), id="inactive"),
        pytest.param(lambda alice, bob, porch: bob.delete(), id="they are gone"),
        pytest.param(lambda alice, bob, porch: archive_group(user=alice, group_id=porch.pk), id="the group has ended"),
        pytest.param(
            lambda alice, bob, porch: signed_in(bob).post("/api/v1/notifications/read-all"), id="they have read it"
        ),
        pytest.param(
            lambda alice, bob, porch: update_group(user=alice, group_id=porch.pk, check_in_frequency="daily"),
            id="it is another period",
        ),
    ],
)
def test_what_is_not_true_any_more_is_not_mailed(
    alice: User,
    bob: User,
    porch: Group,
    sunday: Any,
    mailoutbox: list[Any],
    meanwhile: Callable[[User, User, Group], object],
) -> None:
    choose(alice, email=False)
    remind()
    meanwhile(alice, bob, porch)

    assert mailed(mailoutbox) == []
    assert not OutgoingMail.objects.filter(kind="weekly-reminder").exists()


def test_quiet_hours_put_the_mail_off_and_not_the_reminder(
    alice: User, bob: User, porch: Group, sunday: Any, mailoutbox: list[Any]
) -> None:
    hours = {"quietHours": {"start": "22:00", "end": "07:00"}}
    User.objects.update(notification_preferences=hours)
    remind()
    assert (reminded(), mailed(mailoutbox)) == (["alice", "bob"], [])
    make_check_in(alice, porch)

    sunday.move_to("2026-03-08T06:59:00Z")
    assert mailed(mailoutbox) == []
    sunday.move_to("2026-03-08T07:00:00Z")
    assert mailed(mailoutbox) == ["bob"]


def test_a_mail_that_would_come_after_the_end_does_not_come(bob: User, clock: Any, mailoutbox: list[Any]) -> None:
    make_group(bob, check_in_frequency="daily")
    User.objects.update(notification_preferences={"quietHours": {"start": "18:00", "end": "07:00"}})
    clock.move_to("2026-03-04T18:00:00Z")
    assert remind() == 1
    assert mailed(mailoutbox) == []

    clock.move_to("2026-03-05T07:00:00Z")
    assert mailed(mailoutbox) == []
    assert not OutgoingMail.objects.exists()


def test_a_check_in_of_an_earlier_frequency_counts_where_it_reaches(
    alice: User, bob: User, clock: Any, mailoutbox: list[Any]
) -> None:
    porch = make_group(alice, bob, check_in_frequency="daily")
    make_check_in(bob, porch)
    update_group(user=alice, group_id=porch.pk, check_in_frequency="weekly")
    clock.move_to("2026-03-08T01:00:00Z")

    assert remind() == 1
    assert reminded() == ["alice"]


def test_another_frequency_during_the_last_day_reminds_nobody_again(
    alice: User, bob: User, porch: Group, sunday: Any
) -> None:
    remind()
    sunday.move_to("2026-03-08T20:00:00Z")
    update_group(user=alice, group_id=porch.pk, check_in_frequency="daily")
    assert remind() == 0

    sunday.move_to("2026-03-09T20:00:00Z")
    assert remind() == 2


def test_another_zone_reminds_nobody_again_of_the_same_period(alice: User, porch: Group, sunday: Any) -> None:
    remind()
    update_group(user=alice, group_id=porch.pk, timezone="America/Los_Angeles")
    for hours in (10, 10, 6):
        sunday.shift(hours * 3600)
        assert remind() == 0


def test_a_group_that_fails_keeps_no_other_from_its_turn(
    alice: User, bob: User, porch: Group, sunday: Any, caplog: pytest.LogCaptureFixture
) -> None:
    broken = make_group(alice, name="Broken")
    Group.objects.filter(pk=broken.pk).update(timezone="Nowhere/At_All", period_closes_at=None)
    reminding = Round()
    while reminding.step():
        pass

    assert (reminding.reminded, reminding.failed) == (2, 1)
    assert reminded() == ["alice", "bob"]
    assert f"Nobody was reminded in group {broken.pk}" in caplog.text


def test_sockets_hear_of_all_of_them_at_once(porch: Group, sunday: Any) -> None:
    heard: list[list[str]] = []

    def listen(sender: object, notifications: list[Notification], **kwargs: object) -> None:
        heard.append(sorted(row.user.username for row in notifications))

    notifications_created.connect(listen, sender=Notification, dispatch_uid="test")
    try:
        remind()
    finally:
        notifications_created.disconnect(sender=Notification, dispatch_uid="test")
    assert heard == [["alice", "bob"]]


def test_a_bigger_group_takes_no_more_statements(alice: User, clock: Any) -> None:
    small = make_group(alice, make_member("friend", make_group(alice)))
    large = make_group(alice, *(make_user(f"friend_{number}") for number in range(99)), max_members=100)
    clock.move_to("2026-03-08T00:00:00Z")
    statements = []
    for group, count in ((small, 2), (large, 100)):
        with CaptureQueriesContext(connection) as captured:
            assert remind_group(group.pk) == count
        statements.append(len(captured))

    assert statements[0] == statements[1]
    assert OutgoingMail.objects.filter(due_at__lte=timezone.now()).count() == 102
