"""Every mail that people can do without ends such mails by one click, and by nothing less."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from accounts import mail as outbox
from accounts.erasure import erase_person
from accounts.limits import hashed_account
from accounts.mail import deliver_due_mails, queue_mail
from accounts.models import OutgoingMail, RefusedAddress, User
from accounts.pages import ABOUT
from accounts.preferences import NOTIFICATION_DEFAULTS, wants
from accounts.tests.builders import make_user, signed_in
from accounts.tests.smtp import smtp_server, use
from checkins.tests.builders import make_check_in
from groups.models import Group
from groups.tests.builders import make_group
from groups.tests.inviting import invite
from hucares.tests.answers import data_of
from hucares.tests.snapshots import changes, snapshot
from notifications.kinds import KINDS
from notifications.models import Notification
from notifications.tests.reminding import remind

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
FORM = "application/x-www-form-urlencoded"
STRANGER = "erin@example.com"
# Those that tell of what happened to an account, and are no choice.
ABOUT_SAFETY = {
    "verify-email",
    "reset-password",
    "sign-in-closed",
    "pin-set-up",
    "password-changed",
    "email-change-asked",
    "email-changed",
    "new-device",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """A Wednesday."""
    with time_machine.travel("2026-03-04T12:00:00Z", tick=False) as traveller:
        yield traveller


def cause_digest(clock: Any, alice: User, bob: User, porch: Group) -> None:
    User.objects.filter(pk=bob.pk).update(notification_preferences={"friendCheckIn": {"email": True}})
    make_check_in(alice, porch)
    clock.shift(15 * 60)


def cause_invitation(clock: Any, alice: User, bob: User, porch: Group) -> None:
    clock.shift(24 * 3600)
    Notification.objects.filter(user=bob).delete()
    invite(alice, make_group(alice, name="The Garden"), username="bob")


def cause_reminder(clock: Any, alice: User, bob: User, porch: Group) -> None:
    User.objects.filter(pk=alice.pk).update(notification_preferences={"weeklyReminder": {"email": False}})
    now = timezone.now()
    clock.move_to(now.replace(hour=1) + timedelta(days=6 - now.weekday()))  # the next Sunday
    remind()


CAUSES = {
    "friendCheckIn": cause_digest,
    "groupInvitation": cause_invitation,
    "weeklyReminder": cause_reminder,
}
Cause = Callable[[Any, User, User, Group], None]
every_kind = pytest.mark.parametrize(("preference", "cause"), CAUSES.items(), ids=list(CAUSES))


def link_in(message: Any) -> str:
    """The path of the link that ends such mails; it is the same in the text, the HTML and the header."""
    (header,) = re.findall(r"^<(http://testserver/unsubscribe/[\w.=-]+)>$", message.extra_headers["List-Unsubscribe"])
    assert message.body.rstrip().endswith(f"No more mails like this one: {header}")
    assert f'href="{header}"' in message.alternatives[0].content
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return str(header.removeprefix("http://testserver"))


def mail_of(cause: Cause, clock: Any, alice: User, bob: User, porch: Group, mailoutbox: list[Any]) -> Any:
    """The mail that this causes for Bob."""
    cause(clock, alice, bob, porch)
    deliver_due_mails()
    (sent,) = mailoutbox
    assert sent.to == [bob.email]
    return sent


def test_each_kind_of_mail_is_a_choice_or_about_safety() -> None:
    optional = set(outbox.WRITERS) - ABOUT_SAFETY

    assert optional == {"friend-check-ins", "group-invitation", "weekly-reminder"}
    assert {name for name, value in NOTIFICATION_DEFAULTS.items() if isinstance(value, dict)} == set(CAUSES)


@every_kind
def test_it_says_why_it_came_and_one_click_ends_it(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any], preference: str, cause: Cause
) -> None:
    sent = mail_of(cause, clock, alice, bob, porch, mailoutbox)
    for text in (sent.body, sent.alternatives[0].content):
        assert "You get this mail because" in text

    answer = Client(enforce_csrf_checks=True).post(link_in(sent), "List-Unsubscribe=One-Click", content_type=FORM)

    assert answer.status_code == 200
    assert "Done" in answer.content.decode()
    preferences = User.objects.get(pk=bob.pk).notification_preferences
    assert {name: wants(preferences, name, "email") for name in CAUSES if name != "friendCheckIn"} == {
        name: name != preference for name in CAUSES if name != "friendCheckIn"
    }
    assert wants(preferences, preference, "inApp")
    assert not wants(preferences, preference, "email")


@every_kind
def test_after_that_none_comes_any_more(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any], preference: str, cause: Cause
) -> None:
    sent = mail_of(cause, clock, alice, bob, porch, mailoutbox)
    Client().post(link_in(sent), ONE_CLICK)
    mailoutbox.clear()
    clock.move_to("2026-03-11T12:00:00Z")
    Notification.objects.all().delete()

    if preference == "friendCheckIn":
        make_check_in(alice, porch)
        clock.shift(15 * 60)
    else:
        cause(clock, alice, bob, porch)
    deliver_due_mails()

    assert mailoutbox == []
    assert Notification.objects.filter(user=bob).count() == 1


@every_kind
def test_whatever_only_looks_at_the_link_changes_nothing(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any], preference: str, cause: Cause
) -> None:
    path = link_in(mail_of(cause, clock, alice, bob, porch, mailoutbox))
    client, before = Client(), snapshot()

    for _ in range(2):
        page = client.get(path)
        assert page.status_code == 200
        assert '<form method="post">' in page.content.decode()
        assert not page.cookies
        assert client.head(path).status_code == 200
    for body in ({}, {"List-Unsubscribe": "One"}, {"anything": "else"}):
        assert client.post(path, body).status_code == 400
    assert client.post(path, '{"List-Unsubscribe": "One-Click"}', content_type="application/json").status_code == 400
    for method in (client.put, client.delete, client.patch):
        assert method(path).status_code == 405
    assert changes(before, snapshot()) == {}


def test_the_form_of_the_page_does_what_the_mail_program_does(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    path = link_in(mail_of(cause_reminder, clock, alice, bob, porch, mailoutbox))
    page = Client().get(path).content.decode()
    (field,) = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)">', page)
    assert "No more mails about check-ins that are due?" in page

    Client().post(path, dict([field]))

    assert User.objects.get(pk=bob.pk).notification_preferences == {"weeklyReminder": {"email": False}}


def test_what_else_was_chosen_stays_and_doing_it_twice_is_no_fault(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    chosen = {"weeklyReminder": {"inApp": False}, "quietHours": {"start": "22:00", "end": "23:00"}}
    User.objects.filter(pk=bob.pk).update(notification_preferences=chosen)
    path = link_in(mail_of(cause_reminder, clock, alice, bob, porch, mailoutbox))
    for _ in range(2):
        assert Client().post(path, ONE_CLICK).status_code == 200

    expected = {**chosen, "weeklyReminder": {"inApp": False, "email": False}}
    assert User.objects.get(pk=bob.pk).notification_preferences == expected
    assert User.objects.get(pk=alice.pk).notification_preferences == {"weeklyReminder": {"email": False}}


@pytest.mark.parametrize("spoil", [lambda path: path[:-1], lambda path: path + "x", lambda path: path.replace(".", "")])
def test_a_link_that_we_never_wrote_does_nothing(
    bob: User, porch: Group, mailoutbox: list[Any], spoil: Callable[[str], str]
) -> None:
    invite(bob, porch, email=STRANGER)
    deliver_due_mails()
    path = spoil(link_in(mailoutbox[0]))
    before = snapshot()

    for answer in (Client().get(path), Client().post(path, ONE_CLICK)):
        assert answer.status_code == 404
        assert "This link does not work" in answer.content.decode()
    assert changes(before, snapshot()) == {}


@pytest.mark.parametrize(
    ("verified", "said"),
    [
        (True, "In the settings of your HuCares app you can have them again."),
        (False, "nor other mails that one can do without, until an account confirms this address."),
    ],
)
def test_the_page_says_how_to_have_them_again(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any], verified: bool, said: str
) -> None:
    User.objects.filter(pk=bob.pk).update(email_verified=verified)
    path = link_in(mail_of(cause_reminder, clock, alice, bob, porch, mailoutbox))

    assert said in Client().post(path, ONE_CLICK).content.decode()
    assert RefusedAddress.objects.exists() is not verified


def test_the_page_knows_each_kind_that_mails() -> None:
    mailing = {kind.preference for kind in KINDS.values() if "email" in kind.channels}
    assert set(ABOUT) == mailing


def test_the_link_of_somebody_who_is_gone_is_no_fault(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    path = link_in(mail_of(cause_reminder, clock, alice, bob, porch, mailoutbox))
    erase_person(bob)

    assert Client().post(path, ONE_CLICK).status_code == 200
    assert list(RefusedAddress.objects.values_list("address", flat=True)) == [hashed_account(bob.email)]


def test_a_stranger_who_refuses_is_not_written_to_again_whoever_asks(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    invite(bob, porch, email=STRANGER)
    deliver_due_mails()
    Client().post(link_in(mailoutbox[0]), ONE_CLICK)

    clock.shift(25 * 3600)
    garden = make_group(alice, name="The Garden")
    answers = [invite(bob, porch, email=STRANGER), invite(alice, garden, email=STRANGER.upper())]
    deliver_due_mails()

    assert [data_of(answer) for answer in answers] == [{"message": "Invitation sent"}] * 2
    assert len(mailoutbox) == 1
    assert not OutgoingMail.objects.filter(sent_at=None).exists()


def test_the_address_is_kept_as_a_hash_alone(bob: User, porch: Group, mailoutbox: list[Any]) -> None:
    invite(bob, porch, email=STRANGER)
    deliver_due_mails()
    path = link_in(mailoutbox[0])
    Client().post(path, ONE_CLICK)
    OutgoingMail.objects.all().delete()

    kept = str(snapshot())
    assert RefusedAddress.objects.get().address == hashed_account(STRANGER)
    assert STRANGER not in kept
    assert STRANGER not in path


def refuse_as_stranger(bob: User, porch: Group, mailoutbox: list[Any]) -> None:
    invite(bob, porch, email=STRANGER)
    deliver_due_mails()
    Client().post(link_in(mailoutbox[-1]), ONE_CLICK)
    OutgoingMail.objects.all().delete()
    mailoutbox.clear()


@pytest.mark.parametrize("verified", [False, True])
def test_only_whoever_confirms_the_address_brings_the_mails_back(
    bob: User, porch: Group, mailoutbox: list[Any], verified: bool
) -> None:
    refuse_as_stranger(bob, porch, mailoutbox)
    erin = make_user("erin", email=STRANGER, email_verified=verified)
    invite(bob, porch, username="erin")
    deliver_due_mails()

    assert len(mailoutbox) == verified
    assert Notification.objects.filter(user=erin).count() == 1


def test_a_registered_stranger_who_refuses_one_kind_gets_none_of_the_others(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    """The account may be somebody else's, who could switch them on again."""
    path = link_in(mail_of(cause_reminder, clock, alice, bob, porch, mailoutbox))
    Client().post(path, ONE_CLICK)
    cause_invitation(clock, alice, bob, porch)
    deliver_due_mails()

    assert len(mailoutbox) == 1


def test_a_confirmed_person_who_refuses_one_kind_gets_the_others(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    User.objects.update(email_verified=True)
    path = link_in(mail_of(cause_reminder, clock, alice, bob, porch, mailoutbox))
    Client().post(path, ONE_CLICK)
    assert not RefusedAddress.objects.exists()
    cause_invitation(clock, alice, bob, porch)
    deliver_due_mails()

    assert len(mailoutbox) == 2


def test_a_refused_address_is_in_its_owners_export_and_goes_with_them(
    bob: User, porch: Group, mailoutbox: list[Any]
) -> None:
    refuse_as_stranger(bob, porch, mailoutbox)
    erin = make_user("erin", email=STRANGER, email_verified=True)
    (shown,) = data_of(signed_in(erin).get("/api/v1/users/export"))["refusedAddresses"]
    assert shown.keys() == {"createdAt"}

    erase_person(erin)
    assert not RefusedAddress.objects.exists()


def test_erasing_an_account_with_a_strangers_address_does_not_undo_the_refusal(
    bob: User, porch: Group, mailoutbox: list[Any]
) -> None:
    refuse_as_stranger(bob, porch, mailoutbox)
    erase_person(make_user("erin", email=STRANGER))

    assert RefusedAddress.objects.exists()


def test_a_mail_about_safety_cannot_be_refused(bob: User, porch: Group, mailoutbox: list[Any]) -> None:
    refuse_as_stranger(bob, porch, mailoutbox)
    erin = make_user("erin", email=STRANGER)
    queue_mail(kind="password-changed", email=STRANGER, user=erin)
    deliver_due_mails()

    (sent,) = mailoutbox
    assert "List-Unsubscribe" not in sent.extra_headers
    assert "/unsubscribe/" not in sent.body + sent.alternatives[0].content


def test_the_headers_survive_the_way_through_a_mail_server(bob: User, porch: Group, settings: LazySettings) -> None:
    invite(bob, porch, email=STRANGER)
    with smtp_server() as (inbox, url):
        use(settings, url)
        deliver_due_mails()

    (sent,) = inbox.mails
    link = sent["List-Unsubscribe"].strip()
    assert sent["List-Unsubscribe-Post"].strip() == "List-Unsubscribe=One-Click"
    path = re.fullmatch(r"<http://testserver(/unsubscribe/[\w.=-]+)>", link)
    assert path is not None
    assert Client().post(path[1], "List-Unsubscribe=One-Click", content_type=FORM).status_code == 200
    assert RefusedAddress.objects.exists()
