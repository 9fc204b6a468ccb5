"""The admin's first page: how today is, and how the last weeks were."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutgoingMail, User
from accounts.tests.builders import make_user
from accounts.worker_jobs import WorkerJob
from checkins.models import CheckIn
from checkins.tests.builders import make_past_check_in
from groups.models import Group
from groups.tests.builders import make_group
from hucares.tests.rows import leave_rows
from hucares.worker import JOBS


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("staff@example.com", "Correct1horse"))
    return client


def test_the_first_page_shows_today(staff: Client) -> None:
    with time_machine.travel(timedelta(days=-1)):
        leave_rows("yesterday")
    leave_rows("today")
    WorkerJob.objects.bulk_create(WorkerJob(name=name, done_at=timezone.now()) for name in JOBS)
    OutgoingMail.objects.filter(user__username="today", kind="password-changed").update(
        last_error="SMTPServerDisconnected"
    )

    page = staff.get("/admin/")

    numbers = {figure.name: number for figure, number in page.context["figures"]}
    assert numbers == {
        "sign-ups today": 3,  # who looks at it, and two
        "failing mails": 1,
        "overdue jobs": 0,
        "check-ins today": 1,
        "active groups today": 1,
        "open sockets": 1,  # that of yesterday was not vouched for since
    }
    for figure, _ in page.context["figures"]:
        assert f'href="{reverse(figure.page)}"' in page.content.decode()


def test_it_shows_twelve_weeks(staff: Client) -> None:
    with time_machine.travel("2026-03-18T12:00:00Z", tick=False):  # a Wednesday
        bob = make_user("bob")
        make_group(bob, name="Bob's")
    for day in ("2025-12-28", "2025-12-29", "2026-03-15", "2026-03-16"):  # Sunday, Monday; Sunday, Monday
        make_past_check_in(bob, Group.objects.get(), day)
        CheckIn.objects.filter(week_start_date__lte=day).exclude(user=bob).delete()
    with time_machine.travel("2026-03-18T12:00:00Z", tick=False):
        charts = {series.name: bars for series, bars in staff.get("/admin/").context["charts"]}

    check_ins = charts["Check-ins"]
    assert [bar.week.isoformat() for bar in check_ins][:: len(check_ins) - 1] == ["2025-12-29", "2026-03-16"]
    assert [bar.number for bar in check_ins] == [1, *[0] * 9, 1, 1]
    assert [bar.height for bar in check_ins] == [100, *[0] * 9, 100, 100]


def test_it_shows_what_staff_did_last(staff: Client) -> None:
    with time_machine.travel(timedelta(days=-1)):
        leave_rows("somebody")
    leave_rows("another")
    page = staff.get("/admin/")
    names = dict(User.objects.values_list("pk", "username"))
    assert [names[entry.subject_id] for entry in page.context["entries"]] == ["another", "somebody"]
    assert page.content.decode().count("/admin/accounts/auditentry/") > 1
