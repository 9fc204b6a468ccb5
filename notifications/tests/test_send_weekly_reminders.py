"""`manage.py send_weekly_reminders`, as a real process on the test's database."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.mail import LEASE, deliver_due_mails
from accounts.models import OutgoingMail, User
from accounts.tests.builders import make_user
from accounts.tests.smtp import Inbox, smtp_server, use
from checkins.tests.builders import make_check_in
from groups.models import Group, Membership
from groups.tests.builders import make_group
from groups.tests.traces import traces
from hucares.tests.commands import Start, processes_of
from hucares.tests.served_process import WAIT_SECONDS, until
from hucares.worker import JOBS
from notifications.models import Notification, Reminder
from notifications.tests.reminding import remind


@pytest.fixture
def start(transactional_db: None) -> Iterator[Start]:
    """Starts the command, and sees to it that none outlives the test."""
    with processes_of("send_weekly_reminders") as starter:
        yield starter


def evening() -> str:
    """A zone in which it is between nine and ten in the evening."""
    east = (21 - timezone.now().hour + 9) % 24 - 9  # from -9 to 14 hours
    return f"Etc/GMT{-east:+d}"


def make_due_groups(count: int) -> list[str]:
    """So many daily groups of two each who are to be reminded; everybody's address."""
    people = [make_user(f"friend_{number}") for number in range(2 * count)]
    for number in range(count):
        make_group(*people[2 * number : 2 * number + 2], check_in_frequency="daily", timezone=evening())
    return sorted(person.email for person in people)


def ended(process: subprocess.Popen[str]) -> str:
    """What it wrote, once it has ended well."""
    output, errors = process.communicate(timeout=WAIT_SECONDS)
    assert process.returncode == 0, errors
    return output


def assert_each_is_reminded_once(emails: list[str]) -> None:
    for model in (Reminder, Notification, OutgoingMail):
        assert sorted(model._default_manager.values_list("user__email", flat=True)) == emails


def test_it_reminds_and_mails_whoever_is_due(start: Start) -> None:
    emails = make_due_groups(2)
    make_group(make_user("weekly_friend", email="z@example.com"), timezone="UTC")
    Membership.objects.filter(user__email="z@example.com").update(notification_enabled=False)
    with smtp_server() as (inbox, url):
        assert "Members reminded: 4. Mails seen to: 4." in ended(start(email_url=url))
        assert "Members reminded: 0. Mails seen to: 0." in ended(start(email_url=url))

    assert sorted(inbox.recipients) == emails
    assert_each_is_reminded_once(emails)
    assert not Notification.objects.filter(is_sent=False).exists()


def test_two_at_once_send_nothing_twice(start: Start) -> None:
    emails = make_due_groups(8)
    with smtp_server() as (inbox, url):
        for process in [start(email_url=url) for _ in range(2)]:
            ended(process)
        ended(start(email_url=url))

    assert sorted(inbox.recipients) == emails
    assert_each_is_reminded_once(emails)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_as_a_service_it_goes_on_until_a_signal(start: Start, sent: signal.Signals) -> None:
    emails = make_due_groups(1)
    with smtp_server() as (inbox, url):
        process = start("--loop", email_url=url)
        assert process.stdout is not None
        assert "running" in process.stdout.readline()
        until(lambda: OutgoingMail.objects.filter(sent_at__isnull=False).count() == 2)
        process.send_signal(sent)
        assert "ended" in ended(process)

    assert sorted(inbox.recipients) == emails


class Deadly(Inbox):
    """Kills a process when it begins with its third mail."""

    def __init__(self) -> None:
        super().__init__()
        self.victim: subprocess.Popen[str] | None = None
        self.begun = 0

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """aiosmtpd's hook."""
        self.begun += 1
        if self.begun == 3 and self.victim is not None:
            self.victim.kill()
        envelope.mail_from = address
        return "250 OK"


def test_a_crash_between_two_people_sends_neither_twice_nor_not_at_all(start: Start, settings: LazySettings) -> None:
    emails = make_due_groups(3)
    with smtp_server(inbox=Deadly()) as (inbox, url):
        assert isinstance(inbox, Deadly)
        inbox.victim = process = start(email_url=url)
        process.communicate(timeout=WAIT_SECONDS)
        assert process.returncode == -signal.SIGKILL
        assert len(inbox.mails) == 2
        ended(start(email_url=url))
        assert len(inbox.mails) == 5

        use(settings, url)
        with time_machine.travel(timezone.now() + LEASE, tick=False):
            call_command("send_weekly_reminders", stdout=StringIO())

    assert sorted(inbox.recipients) == emails
    assert_each_is_reminded_once(emails)


def test_a_fault_in_the_midst_of_a_group_leaves_nobody_half_reminded(
    alice: User, bob: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = make_group(alice, bob, check_in_frequency="daily", timezone=evening())
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules["accounts.mail"].WRITERS, "weekly-reminder")
        with pytest.raises(SystemExit) as ending:
            call_command("send_weekly_reminders", stdout=StringIO())
        assert ending.value.code == 1
        assert not Reminder.objects.exists()
        assert not Notification.objects.exists()

    assert remind() == 2
    assert Reminder.objects.filter(group=group).count() == 2


def dry_run(*options: str) -> str:
    output = StringIO()
    call_command("send_weekly_reminders", "--dry-run", *options, stdout=output)
    return output.getvalue()


def test_a_dry_run_lists_who_would_get_what_and_why_and_changes_nothing(db: None) -> None:
    with time_machine.travel("2026-03-08T12:00:00Z", tick=False):
        names = ("alice", "bob", "charlie", "dana", "erin", "finn", "gale")
        alice, bob, charlie, dana, erin, finn, gale = (make_user(name) for name in names)
        porch = make_group(alice, bob, charlie, dana, erin, finn, gale, name="The Porch")
        make_group(alice, name="Later", check_in_frequency="daily")
        make_check_in(alice, porch)
        Membership.objects.filter(user=bob).update(notification_enabled=False)
        choose(charlie, weeklyReminder={"inApp": False, "email": False})
        choose(dana, weeklyReminder={"inApp": False})
        choose(erin, quietHours={"start": "11:00", "end": "14:30"})
        User.objects.filter(pk=gale.pk).update(is_active=False)
        before = traces()

        assert dry_run().splitlines() == [
            f"The Porch ({porch.pk}): 2026-03-02 to 2026-03-08, open until 2026-03-09 00:00 UTC",
            "  member   what they would get",
            "  alice    nothing: has checked in",
            "  bob      nothing: has muted the group",
            "  charlie  nothing: wants no reminders",
            "  dana     mail",
            "  erin     in the app and mail after quiet hours, at 2026-03-08 14:30 UTC",
            "  finn     in the app and mail",
            "  gale     nothing: is not active",
            "Members to remind: 3; nothing was changed.",
        ]
        (told,) = json.loads(dry_run("--json"))["groups"]
        assert (told["groupId"], told["periodEnd"]) == (str(porch.pk), "2026-03-08")
        assert [(one["inApp"], one["byMail"], one["obstacle"]) for one in told["members"]][3:6:2] == [
            (False, True, None),
            (True, True, None),
        ]
        assert told["members"][0]["obstacle"] == "has checked in"
        assert traces() == before
        assert not Reminder.objects.exists()

        assert remind() == 3
        assert "  finn     nothing: was reminded" in dry_run()
        assert "Members to remind: 0;" in dry_run()


def choose(user: User, **preferences: Any) -> None:
    User.objects.filter(pk=user.pk).update(notification_preferences=preferences)


def test_a_dry_run_is_no_loop(db: None) -> None:
    with pytest.raises(CommandError, match="not allowed with"):
        call_command("send_weekly_reminders", "--dry-run", "--loop")


def test_the_worker_does_it_too(alice: User, mailoutbox: list[Any]) -> None:
    group = make_group(alice, check_in_frequency="daily", timezone=evening())
    while JOBS["send weekly reminders"].run():
        pass
    deliver_due_mails()

    assert Reminder.objects.get().group == group
    assert [sent.to for sent in mailoutbox] == [[alice.email]]


def test_a_reminder_is_kept_for_thirty_days_after_the_period(alice: User, porch: Group) -> None:
    now = timezone.now()
    rows = {
        days: Reminder.objects.create(
            user=alice,
            group=porch,
            period_start=now.date() - timedelta(days=days),
            closes_at=now - timedelta(days=days),
        )
        for days in (29, 31)
    }
    call_command("prune", "--json", stdout=StringIO())

    assert list(Reminder.objects.all()) == [rows[29]]
