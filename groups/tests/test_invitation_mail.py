"""The mail to somebody who was asked into a group: what it says, and when there is no reason any more to send it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings

from accounts.mail import deliver_due_mails
from accounts.models import OutgoingMail, User
from accounts.tests.builders import make_user, signed_in
from accounts.tests.smtp import smtp_server, use
from groups.models import Group, Membership, Status
from groups.services import renew_access_code
from groups.tests.builders import make_group, make_member
from hucares.tests.answers import data_of
from hucares.tests.served_process import free_port
from notifications.models import Notification

STRANGER = "erin@example.com"


def invite(user: User, group: Group, **whom: Any) -> None:
    data_of(signed_in(user).post(f"/api/v1/groups/{group.pk}/invite", whom))


def hearers() -> list[str]:
    """Who has a notification; twice who has two."""
    return list(Notification.objects.order_by("pk").values_list("user__username", flat=True))


# --- What it says ---


def test_an_unknown_address_gets_the_link_in_text_and_html(bob: User, porch: Group, mailoutbox: list[Any]) -> None:
    invite(bob, porch, email=STRANGER)
    deliver_due_mails()

    (sent,) = mailoutbox
    html, media_type = sent.alternatives[0]
    link = f"http://testserver/join/{porch.access_code}"
    assert (sent.to, sent.subject, media_type) == ([STRANGER], "bob invites you to The Porch", "text/html")
    assert sent.body.startswith("Hello,\n\nbob would like you to join “The Porch” on HuCares.")
    assert f"\n\n{link}\n\n" in sent.body
    assert f'href="{link}"' in html
    assert "Have a look at The Porch" in html
    for text in (sent.body, html):
        assert "bob gave us this address to invite you" in text
        assert "None" not in text
        assert bob.email not in text
    assert "\n\n\n" not in sent.body
    assert OutgoingMail.objects.get().sent_at is not None
    assert hearers() == []


@pytest.mark.parametrize("whom", [{"username": "charlie"}, {"email": "CHARLIE@Example.com"}])
def test_a_person_is_greeted_by_name_at_the_address_they_gave(
    bob: User, charlie: User, porch: Group, mailoutbox: list[Any], whom: dict[str, str]
) -> None:
    invite(bob, porch, **whom)
    deliver_due_mails()

    (sent,) = mailoutbox
    assert sent.to == [charlie.email]
    assert sent.body.startswith("Hello charlie,")
    assert "because bob invited you." in sent.body
    assert hearers() == ["charlie"]
    row = Notification.objects.get()
    assert row.data == {
        "groupId": str(porch.pk),
        "groupName": "The Porch",
        "accessCode": porch.access_code,
        "invitedBy": "bob",
    }
    assert OutgoingMail.objects.get().user == charlie  # it goes when the person goes


def test_a_name_is_no_markup(alice: User, mailoutbox: list[Any]) -> None:
    name = "<b>Fish</b> & 'chips' {{ asker }} {% now %}"
    invite(alice, make_group(alice, name=name), email=STRANGER)
    deliver_due_mails()

    (sent,) = mailoutbox
    html = sent.alternatives[0][0]
    assert sent.subject == f"alice invites you to {name}"
    assert f"join “{name}” on" in sent.body
    assert "<b>" not in html
    assert "&lt;b&gt;Fish&lt;/b&gt; &amp; &#x27;chips&#x27; {{ asker }} {% now %}" in html


def test_the_longest_name_travels_through_a_real_mail_server(alice: User, settings: LazySettings) -> None:
    name = "Früh & spät 🌅 " * 7
    group = make_group(alice, name=name[:100].strip())
    invite(alice, group, email=STRANGER)
    with smtp_server() as (inbox, url):
        use(settings, url)
        deliver_due_mails()

    (sent,) = inbox.mails
    assert inbox.recipients == [STRANGER]
    assert sent["Subject"].strip() == f"alice invites you to {group.name}"
    assert all(f"/join/{group.access_code}" in part.get_content() for part in sent.iter_parts())


def test_a_code_that_was_renewed_meanwhile_is_the_one_that_is_sent(
    alice: User, bob: User, porch: Group, mailoutbox: list[Any]
) -> None:
    invite(bob, porch, email=STRANGER)
    code = renew_access_code(user=alice, group_id=porch.pk)
    deliver_due_mails()

    (sent,) = mailoutbox
    for text in (sent.body, sent.alternatives[0][0]):
        assert f"/join/{code}" in text
        assert porch.access_code not in text


def test_the_link_leads_to_a_page_that_shows_the_code(
    bob: User, porch: Group, mailoutbox: list[Any], client: Any
) -> None:
    invite(bob, porch, email=STRANGER)
    deliver_due_mails()

    (path,) = [line.removeprefix("http://testserver") for line in mailoutbox[0].body.splitlines() if "/join/" in line]
    assert porch.access_code in client.get(path).content.decode()


# --- When it is not sent ---


def leave(user: User, group: Group) -> None:
    data_of(signed_in(user).post(f"/api/v1/groups/{group.pk}/leave"))


def ban(admin: User, group: Group, user: User) -> None:
    data_of(signed_in(admin).put(f"/api/v1/groups/{group.pk}/members/{user.pk}", {"status": "banned"}))


def join(user: User, group: Group) -> None:
    data_of(signed_in(user).post("/api/v1/groups/join", {"accessCode": group.access_code}))


Meanwhile = Callable[[User, User, Group], object]


@pytest.mark.parametrize("whom", [{"username": "charlie"}, {"email": "charlie@example.com"}, {"email": STRANGER}])
@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(lambda alice, bob, porch: leave(bob, porch), id="the asker has left"),
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
            lambda alice, charlie, porch: (join(charlie, porch), ban(alice, porch, charlie)), id="they are banned"
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


@pytest.mark.parametrize("status", list(Status))
def test_by_address_only_whoever_is_not_in_and_not_banned_hears_of_it(
    bob: User, porch: Group, mailoutbox: list[Any], status: Status
) -> None:
    dana = make_member("dana", porch, status=status)
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


# --- When it is sent later ---


def deliver_when_due() -> None:
    """One attempt at the one mail, when its time has come."""
    due_at = OutgoingMail.objects.get().due_at
    with time_machine.travel(due_at + timedelta(seconds=1), tick=False):
        assert deliver_due_mails() == 1


def test_they_hear_of_it_once_however_often_the_mail_server_fails(
    bob: User, charlie: User, porch: Group, settings: LazySettings
) -> None:
    port = free_port()
    use(settings, f"smtp://127.0.0.1:{port}")
    invite(bob, porch, email=charlie.email)

    for attempt in range(1, 4):
        deliver_when_due()
        assert OutgoingMail.objects.get().attempts == attempt
        assert hearers() == ["charlie"]
    with smtp_server(port) as (inbox, _):
        deliver_when_due()

    assert inbox.recipients == [charlie.email]
    assert hearers() == ["charlie"]


def test_who_joins_while_the_mail_server_is_away_gets_no_mail(
    bob: User, charlie: User, porch: Group, settings: LazySettings
) -> None:
    port = free_port()
    use(settings, f"smtp://127.0.0.1:{port}")
    invite(bob, porch, email=charlie.email)
    deliver_when_due()

    join(charlie, porch)
    with smtp_server(port) as (inbox, _):
        deliver_when_due()

    assert inbox.recipients == []
    assert not OutgoingMail.objects.exists()


def test_who_registers_while_the_mail_server_is_away_hears_of_it_in_the_app_too(
    bob: User, porch: Group, settings: LazySettings
) -> None:
    port = free_port()
    use(settings, f"smtp://127.0.0.1:{port}")
    invite(bob, porch, email=STRANGER)
    deliver_when_due()
    assert hearers() == []

    make_user("erin", email=STRANGER.upper())
    with smtp_server(port) as (inbox, _):
        deliver_when_due()

    assert inbox.recipients == [STRANGER.upper()]
    assert hearers() == ["erin"]


def test_the_asker_who_leaves_while_the_mail_server_is_away_takes_it_along(
    bob: User, porch: Group, settings: LazySettings
) -> None:
    port = free_port()
    use(settings, f"smtp://127.0.0.1:{port}")
    invite(bob, porch, email=STRANGER)
    deliver_when_due()

    leave(bob, porch)
    with smtp_server(port) as (inbox, _):
        deliver_when_due()

    assert inbox.recipients == []
    assert not Membership.objects.filter(user__email=STRANGER).exists()
