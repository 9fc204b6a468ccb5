"""The mail to somebody who was asked into a group: when there is no reason any more to send it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.utils import timezone

from accounts.mail import deliver_due_mails
from accounts.models import OutgoingMail, User
from accounts.tests.builders import signed_in
from accounts.tests.smtp import smtp_server, use
from groups.members import change_member, join_group, leave_group
from groups.models import Group, Status
from groups.tests.builders import make_member
from groups.tests.inviting import invite
from hucares.tests.served_process import free_port
from notifications.models import Notification

STRANGER = "erin@example.com"


def hearers() -> list[str]:
    """Who has a notification; twice who has two."""
    return list(Notification.objects.order_by("pk").values_list("user__username", flat=True))


def join(user: User, group: Group) -> None:
    join_group(user=user, access_code=group.access_code)


def ban(admin: User, group: Group, user: User) -> None:
    change_member(user=admin, group_id=group.pk, member_id=user.pk, status=Status.BANNED)


Meanwhile = Callable[[User, User, Group], object]


@pytest.mark.parametrize("whom", [{"username": "charlie"}, {"email": "charlie@example.com"}, {"email": STRANGER}])
@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(lambda alice, bob, porch: leave_group(user=bob, group_id=porch.pk), id="the asker has left"),
        pytest.param(lambda alice, bob, porch: ban(alice, porch, bob), id="the asker is banned"),
        pytest.param(
            lambda alice, bob, porch: Group.objects.update(allow_member_invite=False), id="the asker may not any more"
        ),
        pytest.param(
            lambda alice, bob, porch: User.objects.filter(pk=bob.pk).update(is_active=False), id="the asker is inactive"
        ),
        pytest.param(lambda alice, bob, porch: bob.delete(), id="the asker is gone"),
        pytest.param(
            lambda alice, bob, porch: signed_in(alice).delete(f"/api/v1/groups/{porch.pk}"), id="the group has ended"
        ),
    ],
)
def test_it_is_not_sent_when_nobody_could_ask_any_more(
    alice: User,
    bob: User,
    charlie: User,
    porch: Group,
    mailoutbox: list[Any],
    whom: dict[str, str],
    meanwhile: Meanwhile,
) -> None:
    invite(bob, porch, **whom)
    Notification.objects.all().delete()

    meanwhile(alice, bob, porch)
    deliver_due_mails()

    assert mailoutbox == []
    assert not OutgoingMail.objects.exists()
    assert hearers() == []


@pytest.mark.parametrize("whom", [{"username": "charlie"}, {"email": "charlie@example.com"}])
@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(lambda alice, charlie, porch: join(charlie, porch), id="they have joined"),
        pytest.param(
            lambda alice, charlie, porch: (
                join(charlie, porch),
                ban(alice, porch, charlie),
            ),
            id="they are banned",
        ),
        pytest.param(
            lambda alice, charlie, porch: User.objects.filter(pk=charlie.pk).update(is_active=False),
            id="they are inactive",
        ),
    ],
)
def test_it_is_not_sent_to_whom_it_is_no_use_any_more(
    alice: User,
    bob: User,
    charlie: User,
    porch: Group,
    mailoutbox: list[Any],
    whom: dict[str, str],
    meanwhile: Meanwhile,
) -> None:
    invite(bob, porch, **whom)
    Notification.objects.all().delete()

    meanwhile(alice, charlie, porch)
    deliver_due_mails()

    assert mailoutbox == []
    assert not OutgoingMail.objects.exists()
    assert hearers() == []


@pytest.mark.parametrize("whom", [{"username": "charlie"}, {"email": "charlie@example.com"}])
def test_who_switched_such_mails_off_hears_of_it_in_the_app_alone(
    bob: User, charlie: User, porch: Group, mailoutbox: list[Any], whom: dict[str, str]
) -> None:
    invite(bob, porch, **whom)
    User.objects.filter(pk=charlie.pk).update(notification_preferences={"groupInvitation": {"email": False}})
    deliver_due_mails()

    assert mailoutbox == []
    assert hearers() == ["charlie"]


def test_who_switched_the_app_off_gets_the_mail_alone(
    bob: User, charlie: User, porch: Group, mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=charlie.pk).update(notification_preferences={"groupInvitation": {"inApp": False}})
    invite(bob, porch, email=charlie.email)
    deliver_due_mails()

    assert len(mailoutbox) == 1
    assert hearers() == []


@pytest.mark.parametrize("whom", [{"username": "charlie"}, {"email": "charlie@example.com"}])
def test_who_switches_the_app_on_before_the_mail_goes_still_gets_it(
    bob: User, charlie: User, porch: Group, settings: LazySettings, whom: dict[str, str]
) -> None:
    User.objects.filter(pk=charlie.pk).update(notification_preferences={"groupInvitation": {"inApp": False}})
    port = free_port()
    use(settings, f"smtp://127.0.0.1:{port}")
    invite(bob, porch, **whom)
    deliver_due_mails()
    User.objects.filter(pk=charlie.pk).update(notification_preferences={})
    with smtp_server(port) as (inbox, _), time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        deliver_due_mails()

    assert inbox.recipients == [charlie.email]
    assert hearers() == []


@pytest.mark.parametrize("whom", [{"username": "charlie"}, {"email": "charlie@example.com"}])
def test_who_reads_it_in_the_app_before_the_mail_goes_gets_none(
    bob: User, charlie: User, porch: Group, settings: LazySettings, whom: dict[str, str]
) -> None:
    port = free_port()
    use(settings, f"smtp://127.0.0.1:{port}")
    invite(bob, porch, **whom)
    deliver_due_mails()
    signed_in(charlie).post("/api/v1/notifications/read-all")
    with smtp_server(port) as (inbox, _), time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        deliver_due_mails()

    assert inbox.recipients == []
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("status", list(Status))
def test_by_address_only_whoever_is_not_in_and_not_banned_hears_of_it(
    bob: User, porch: Group, mailoutbox: list[Any], status: Status
) -> None:
    dana = make_member("dana", porch, status=status)
    User.objects.filter(pk=dana.pk).update(email_verified=True)
    invite(bob, porch, email=dana.email)
    deliver_due_mails()

    asked = status == Status.INACTIVE
    assert hearers() == (["dana"] if asked else [])
    assert len(mailoutbox) == (1 if asked else 0)


def test_an_erased_person_takes_the_mail_along(bob: User, charlie: User, porch: Group, mailoutbox: list[Any]) -> None:
    invite(bob, porch, username="charlie")
    charlie.delete()
    deliver_due_mails()

    assert mailoutbox == []
    assert not OutgoingMail.objects.exists()
