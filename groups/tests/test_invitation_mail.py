"""The mail to somebody who was asked into a group: what it says, and who gets it when the mail server was away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings

from accounts.erasure import erase_person
from accounts.mail import deliver_due_mails
from accounts.models import OutgoingMail, User
from accounts.tests.builders import make_user, signed_in
from accounts.tests.smtp import smtp_server, use
from groups.members import join_group, leave_group
from groups.models import Group, Membership
from groups.services import renew_access_code
from groups.tests.builders import make_group
from groups.tests.inviting import invite
from hucares.tests.answers import data_of
from hucares.tests.served_process import free_port
from notifications.models import Notification

STRANGER = "erin@example.com"


def hearers() -> list[str]:
    """Who has a notification; twice who has two."""
    return list(Notification.objects.order_by("pk").values_list("user__username", flat=True))


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
    assert row.is_sent is True
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

    join_group(user=charlie, access_code=porch.access_code)
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

    make_user("erin", email=STRANGER.upper(), email_verified=True)
    with smtp_server(port) as (inbox, _):
        deliver_when_due()

    assert inbox.recipients == [STRANGER.upper()]
    assert hearers() == ["erin"]


def test_who_registers_the_address_of_somebody_else_learns_nothing(
    bob: User, porch: Group, mailoutbox: list[Any]
) -> None:
    squatter = make_user("squatter", email=STRANGER)
    invite(bob, porch, email=STRANGER)
    deliver_due_mails()

    (sent,) = mailoutbox
    assert sent.to == [STRANGER]
    assert sent.body.startswith("Hello,\n\nbob would like you to join")
    assert "squatter" not in sent.body
    assert hearers() == []
    assert OutgoingMail.objects.get().user is None
    assert data_of(signed_in(squatter).get("/api/v1/users/export"))["mails"] == []


def test_who_registers_the_address_of_somebody_else_cannot_refuse_for_them(
    bob: User, porch: Group, mailoutbox: list[Any]
) -> None:
    make_user("squatter", email=STRANGER, notification_preferences={"groupInvitation": {"email": False}})
    invite(bob, porch, email=STRANGER)
    deliver_due_mails()

    assert len(mailoutbox) == 1


def test_who_registers_the_address_of_somebody_else_and_goes_takes_no_invitation_along(
    alice: User, bob: User, porch: Group, mailoutbox: list[Any]
) -> None:
    invite(bob, porch, email=STRANGER)
    erase_person(make_user("squatter", email=STRANGER))
    deliver_due_mails()
    assert len(mailoutbox) == 1

    erase_person(make_user("squatter", email=STRANGER))
    invite(alice, porch, email=STRANGER)
    deliver_due_mails()
    assert len(mailoutbox) == 1  # the day has not begun anew


def test_the_asker_who_leaves_while_the_mail_server_is_away_takes_it_along(
    bob: User, porch: Group, settings: LazySettings
) -> None:
    port = free_port()
    use(settings, f"smtp://127.0.0.1:{port}")
    invite(bob, porch, email=STRANGER)
    deliver_when_due()

    leave_group(user=bob, group_id=porch.pk)
    with smtp_server(port) as (inbox, _):
        deliver_when_due()

    assert inbox.recipients == []
    assert not Membership.objects.filter(user__email=STRANGER).exists()
