"""`manage.py send_weekly_reminders`: reminds those who have not checked in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.mail import deliver_next_mail
from accounts.quiet_hours import quiet_until
from groups.models import Group
from groups.periods import Period
from hucares import worker
from hucares.commands import add_dry_run, add_json, as_json, indented, table
from hucares.stopping import Stop
from hucares.worker import Job
from notifications.reminders import Decision, decisions, ending_groups, ending_period
from notifications.reminding import MAIL, Round

MOMENT = "%Y-%m-%d %H:%M UTC"


class Command(BaseCommand):
    """Reminds everybody who is due, now or from now on."""

    help = (
        "Reminds members who have not checked in, 24 hours before their group's period ends in the group's time zone "
        "(6 hours for daily groups): in the app and by mail, as each of them prefers, once per person, group and "
        "period. Run it from cron, at least every hour, or as a service with --loop; run_worker does the same by "
        "itself. Several at once do no harm. A mail that cannot be sent, or waits for the end of somebody's quiet "
        "hours, is sent by the next run, or by run_worker. The exit code is 0, or 1 when a group could not be seen to: "
        "the reason is in the log."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Two choices."""
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--loop", action="store_true", help="go on until SIGTERM or SIGINT (Ctrl-C)")
        add_dry_run(choice, "list who would get what, and why")
        add_json(parser)

    def handle(self, *args: Any, loop: bool, dry_run: bool, json: bool, **options: Any) -> None:
        """Look, or remind."""
        if dry_run:
            looks = list(looked_at())
            self.stdout.write(as_json(document(looks)) if json else "\n".join(as_text(looks)))
            return
        if loop:
            self.go_on()
            return
        reminding, mails = remind_once()
        done = {"dryRun": False, "reminded": reminding.reminded, "mails": mails, "failed": reminding.failed}
        text = f"Members reminded: {reminding.reminded}. Mails seen to: {mails}."
        self.stdout.write(as_json(done) if json else text)
        if reminding.failed:
            sys.exit(1)

    def go_on(self) -> None:
        """Remind whoever is due, and send what is due to be sent, until a signal."""
        stop = Stop()
        stop.listen()
        self.stdout.write("Reminders are running. Ctrl-C ends them.")
        self.stdout.flush()
        reminding = Job("send weekly reminders", 60, Round().step)
        worker.run(stop, [reminding, Job("deliver reminders", 2, partial(deliver_next_mail, MAIL))])
        self.stdout.write("Reminders have ended.")


def remind_once() -> tuple[Round, int]:
    """Remind everybody who is due, and send their mails; how many of these were taken up."""
    reminding, mails = Round(), 0
    while reminding.step():
        pass
    while deliver_next_mail(MAIL):
        mails += 1
    return reminding, mails


Look = tuple[Group, Period, list[Decision]]


def looked_at() -> Iterator[Look]:
    """What would become of each member of the groups that are near their end now."""
    now = timezone.now()
    for group in ending_groups(now).order_by("name", "pk"):
        period = ending_period(group, now)
        if period is not None:
            yield group, period, list(decisions(group, period, now))


def document(looks: list[Look]) -> dict[str, Any]:
    """The report for machines."""
    groups = [
        {
            "groupId": group.pk,
            "name": group.name,
            "periodStart": period.start,
            "periodEnd": period.end,
            "closesAt": period.closes_at.isoformat(),
            "members": [
                {"userId": one.user.pk, "inApp": one.in_app, "byMail": one.by_mail, "obstacle": one.obstacle or None}
                for one in found
            ],
        }
        for group, period, found in looks
    ]
    return {"dryRun": True, "groups": groups}


def as_text(looks: list[Look]) -> Iterator[str]:
    """The report for people: what somebody would get, and why others would not."""
    for group, period, found in looks:
        yield f"{group.name} ({group.pk}): {period.start} to {period.end}, open until {period.closes_at:{MOMENT}}"
        yield from indented(
            table(("member", "what they would get"), [(one.user.username, outcome(one)) for one in found])
        )
    count = sum(not one.obstacle for _, _, found in looks for one in found)
    yield f"Members to remind: {count}; nothing was changed."


def outcome(one: Decision) -> str:
    """What somebody would get, in words."""
    if one.obstacle:
        return f"nothing: {one.obstacle}"
    until = quiet_until(timezone.now(), one.user.notification_preferences, one.user.timezone)
    later = f" after quiet hours, at {until:{MOMENT}}" if until else ""
    return " and ".join(filter(None, ["in the app" if one.in_app else "", f"mail{later}" if one.by_mail else ""]))
