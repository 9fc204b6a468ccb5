"""Reminding members to check in before a period ends: a group at a time, and the mails that go with it."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from accounts.mail import Choice, Letter, letter_for, new_mail
from accounts.models import OutgoingMail
from groups.models import Frequency, Group
from groups.periods import Period
from hucares.database import insert_rows
from notifications.kinds import WEEKLY_REMINDER
from notifications.listeners import hears_of
from notifications.models import Reminder
from notifications.relevance import is_due
from notifications.reminders import Decision, decisions, ending_period, groups_to_look_at
from notifications.services import notify
from notifications.unread import unread_of

MAIL = "weekly-reminder"
QUESTIONS = {
    Frequency.DAILY: "How was your day?",
    Frequency.WEEKLY: "How was your week?",
    Frequency.BIWEEKLY: "How were your two weeks?",
}

logger = logging.getLogger(__name__)


class Due(NamedTuple):
    """Members of a group who are to be reminded of a period now."""

    group: Group
    period: Period
    decisions: list[Decision]


def remind_group(group_id: UUID) -> int:
    """Remind every member of a group who is to be; how many these were.

    One transaction writes all of it: whoever it is that crashes, nobody is reminded twice or left out. It is decided
    under the group's lock, which a check-in takes too; only if it seems that there is something to do.
    """
    living = Group.objects.filter(pk=group_id, is_active=True)
    if due_in(living.first()) is None:
        return 0
    with transaction.atomic():
        due = due_in(living.select_for_update(no_key=True).first())
        if due is not None:
            write_reminders(due)
    return len(due.decisions) if due is not None else 0


def due_in(group: Group | None) -> Due | None:
    """What there is to do in a group now; None if that is nothing."""
    now = timezone.now()
    period = ending_period(group, now) if group is not None else None
    if group is None or period is None:
        return None
    due = [one for one in decisions(group, period, now) if not one.obstacle]
    return Due(group, period, due) if due else None


def write_reminders(due: Due) -> None:
    """Note that members of a locked group are reminded, tell them in the app, and have mails sent."""
    group, period = due.group, due.period
    common = {"group": group, "period_start": period.start, "closes_at": period.closes_at}
    insert_rows([Reminder(user=one.user, **common) for one in due.decisions])
    data = {
        "groupId": str(group.pk),
        "groupName": group.name,
        "periodStart": str(period.start),
        "endsAt": period.closes_at.isoformat().replace("+00:00", "Z"),
    }
    rows = notify(WEEKLY_REMINDER, [one.user.pk for one in due.decisions if one.in_app], data)
    told = {row.user_id: str(row.pk) for row in rows}
    insert_rows([reminder_mail(one, data, told.get(one.user.pk)) for one in due.decisions if one.by_mail])


def reminder_mail(one: Decision, data: dict[str, Any], notification_id: str | None) -> OutgoingMail:
    """The mail for one of them."""
    known = {"groupId": data["groupId"], "periodStart": data["periodStart"], "notificationId": notification_id}
    return new_mail(kind=MAIL, email=one.user.email, user=one.user, data=known)


@letter_for(MAIL)
def weekly_reminder(mail: OutgoingMail) -> Letter | None:
    """None if they have checked in meanwhile, read it in the app, left or muted the group, or the period is over."""
    membership = hears_of(mail.user, UUID(mail.data["groupId"]), WEEKLY_REMINDER, "email")
    if membership is None:
        return None
    user, group = membership.user, membership.group
    if not is_due(membership, mail.data["periodStart"]):
        return None
    told = unread_of(user, [mail.data["notificationId"]])
    if mail.data["notificationId"] and not told:
        return None
    closes_at = group.current_period.closes_at.astimezone(ZoneInfo(user.timezone))
    return Letter(
        to=user.email,
        template="notifications/mail/weekly-reminder",
        link=WEEKLY_REMINDER.link(mail.data),
        button="Check in",
        context={
            "username": user.username,
            "group": group.name,
            "question": QUESTIONS[Frequency(group.check_in_frequency)],
            "until": f"{closes_at:%A}, {closes_at.day} {closes_at:%B, %H:%M} ({user.timezone})",
        },
        told=tuple(told),
        choice=Choice(WEEKLY_REMINDER.preference, user),
    )


class Round:
    """One look after the other at the groups that may have somebody to remind, a group at a step."""

    def __init__(self) -> None:
        self.reminded = 0
        self.failed = 0
        self._waiting: list[UUID] = []

    def step(self) -> bool:
        """See to the next group; whether there are more. One that fails does not keep the others from their turn."""
        if not self._waiting:
            self._waiting = groups_to_look_at(timezone.now())[::-1]
        if self._waiting:
            self.see_to(self._waiting.pop())
        return bool(self._waiting)

    def see_to(self, group_id: UUID) -> None:
        """Remind whom there is to remind in one group."""
        try:
            self.reminded += remind_group(group_id)
        except Exception:
            self.failed += 1
            logger.exception("Nobody was reminded in group %s; it will be tried again.", group_id)
