"""Somebody who has left a trace in every table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group as PermissionGroup
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts import second_factor
from accounts.audit import AuditEntry
from accounts.limits import hashed_account
from accounts.mail import queue_mail
from accounts.models import RefusedAddress, User
from accounts.roles import SUPPORT
from accounts.sessions import Device, begin_session
from accounts.tests.builders import PASSWORD, make_user, signed_in
from accounts.tests.pictures import plain
from checkins.importing import import_local_storage
from checkins.tests.builders import make_check_in
from groups.invitations import invite
from groups.members import join_group, leave_group
from groups.models import Group
from groups.tests.builders import make_group
from hucares.tests.answers import data_of, refusal_of

NAME = "wilhelmina"
EMAIL = "wilhelmina@elsewhere.example"
NOTE = "A note that nobody else wrote."
BROWSER = "Wilhelmina's own browser"
ADDRESS = "198.51.100.77"
ENDPOINT = "https://push.example/wilhelmina"
TRACES = [NAME, "elsewhere.example", NOTE, BROWSER, ADDRESS, ENDPOINT, "lx3k9a"]

OLD_RECORD = {
    "id": "lx3k9a",
    "weekStartDate": "2024-06-02T22:00:00.000Z",
    "productive": 5,
    "satisfied": 6,
    "body": 7,
    "care": 6,
}
SUBSCRIPTION = {
    "endpoint": ENDPOINT,
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}


def make_wilhelmina(porch: Group, friend: User) -> User:
    """A member of staff in `porch`, founder of a group, who has left a third, with a friend in the first two."""
    user = make_user(NAME, email=EMAIL, pending_email="new@elsewhere.example", email_verified=True, is_staff=True)
    begin_session(user=user, device=Device(BROWSER, ADDRESS))
    join_group(user=user, access_code=porch.access_code)
    kitchen = make_group(user, friend, name="The Kitchen")
    left = make_group(friend, user, name="Left Behind")
    for group in (porch, kitchen, left):
        make_check_in(friend, group)
        make_check_in(user, group, reflection_note=NOTE)
    leave_group(user=user, group_id=left.pk)
    import_local_storage(user=user, data={"checkIns": [OLD_RECORD]}, group_id=kitchen.pk)
    use_the_api(user, friend, kitchen)
    invite(user=user, group_id=kitchen.pk, email="stranger@example.com")
    AuditEntry.objects.create(
        staff_id=uuid4(),
        action="change",
        subject_type="users",
        subject_id=user.pk,
        before={"username": NAME},
        after={"email": EMAIL},
        address=ADDRESS,
        reason=NAME,
    )
    queue_mail(kind="reset-password", email=EMAIL.upper())
    queue_mail(kind="password-changed", email=EMAIL, user=user)
    leave_traces_of_notifications(user, kitchen)
    leave_traces_of_sockets_and_staff(user)
    return user


def use_the_api(user: User, friend: User, group: Group) -> None:
    """A device with a PIN, failed sign-ins, a picture, a browser that takes pushes, an invitation."""
    client = signed_in(user)
    data_of(client.post("/api/v1/auth/pin", {"pin": "58213", "password": PASSWORD}))
    refusal_of(
        client.post("/api/v1/auth/login", {"email": EMAIL, "password": "Wrong1password"}), 401, "INVALID_CREDENTIALS"
    )
    data_of(client.post("/api/v1/users/avatar", {"avatar": SimpleUploadedFile("me.png", plain())}, format="multipart"))
    data_of(client.post("/api/v1/users/push-subscriptions", SUBSCRIPTION), 201)
    outsider = make_user("outsider")
    data_of(client.post(f"/api/v1/groups/{group.pk}/invite", {"userId": str(outsider.pk)}))


def leave_traces_of_notifications(user: User, group: Group) -> None:
    """A reminder, a push on its way, and that the address was left alone before it was confirmed."""
    model = apps.get_model
    now = timezone.now()
    model("notifications", "Reminder").objects.create(user=user, group=group, period_start=now.date(), closes_at=now)
    model("notifications", "OutgoingPush").objects.create(
        notification=user.notifications.first(), subscription=user.push_subscriptions.get()
    )
    RefusedAddress.objects.create(address=hashed_account(user.email))


def leave_traces_of_sockets_and_staff(user: User) -> None:
    """An open socket; what the admin notes of them and by them; what a member of staff has."""
    apps.get_model("realtime", "UserSession").objects.create(
        user=user, socket_id="specific.x!y", user_agent=BROWSER, ip_address=ADDRESS
    )
    entry: dict[str, Any] = {"content_type": ContentType.objects.get_for_model(User), "action_flag": CHANGE}
    for staff in (user, make_user("warden", is_staff=True)):
        LogEntry.objects.create(user=staff, object_id=str(user.pk), object_repr=NAME, **entry)
    LogEntry.objects.update(action_time=timezone.now() - timedelta(days=1))
    user.user_permissions.add(Permission.objects.order_by("pk")[0])
    user.groups.add(PermissionGroup.objects.get(name=SUPPORT))
    second_factor.unconfirmed_device(user)
    second_factor.renew_recovery_codes(user=user)
