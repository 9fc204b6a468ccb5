"""Rows of every model."""

from __future__ import annotations

from django.utils import timezone

from accounts.audit import AuditEntry
from accounts.mail import queue_mail
from accounts.models import FailedSignIns, RefusedAddress
from accounts.tests.builders import make_enrolment, make_session, make_user
from accounts.worker_jobs import WorkerJob
from checkins.models import ImportedRecord
from checkins.tests.builders import make_check_in
from groups.tests.builders import make_group
from notifications.models import Notification, OutgoingPush, PushSubscription, Reminder
from realtime.models import UserSession


def leave_rows(name: str) -> None:
    """Somebody of this name leaves rows of every model."""
    user, now = make_user(name), timezone.now()
    group = make_group(user, make_user(f"{name}_too"), name=f"{name}'s")
    check_in = make_check_in(user, group)
    make_enrolment(user)
    queue_mail(kind="password-changed", email=user.email, user=user)
    FailedSignIns.objects.create(account=name, failures=1, last_at=now)
    RefusedAddress.objects.create(address=name)
    ImportedRecord.objects.create(user=user, group=group, legacy_id=name)
    Reminder.objects.create(user=user, group=group, period_start=check_in.week_start_date, closes_at=now)
    subscription = PushSubscription.objects.create(
        user=user, endpoint=f"https://push.example/{name}", p256dh="p", auth="a", session=make_session(user)
    )
    OutgoingPush.objects.create(notification=Notification.objects.first(), subscription=subscription)
    UserSession.objects.create(user=user, socket_id=name)
    AuditEntry.objects.create(staff_id=user.pk, action="erase", subject_type="users", subject_id=user.pk)
    WorkerJob.objects.create(name=name, done_at=now)
