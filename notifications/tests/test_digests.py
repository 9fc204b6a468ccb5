"""Mails about check-ins: when one comes, with what in it, and when none does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import mail as outbox
from accounts.mail import deliver_due_mails
from accounts.models import OutgoingMail, User
from accounts.tests.builders import make_user, signed_in
from accounts.tests.smtp import smtp_server, use
from checkins.services import delete_check_in
from checkins.tests.builders import make_check_in
from groups.members import leave_group
from groups.models import Group, Membership
from groups.services import archive_group
from groups.tests.builders import make_group, make_member
from hucares.leases import take_up
from hucares.tests.racing import at_once
from hucares.tests.served_process import free_port
from notifications import digests
from notifications.models import Notification

MINUTE = 60.0
BY_MAIL = {"friendCheckIn": {"email": True}}
MAIL_ALONE = {"friendCheckIn": {"email": True, "inApp": False}}


@pytest.fixture
def clock() -> Iterator[Any]:
    """Noon of a Wednesday, until the test moves on."""
    with time_machine.travel("2026-03-04T12:00:00Z", tick=False) as traveller:
        yield traveller


def choose(user: User, preferences: dict[str, Any]) -> None:
    User.objects.filter(pk=user.pk).update(notification_preferences=preferences)


def after_a_while(clock: Any, minutes: float = 15) -> None:
    """What is due so many minutes later is sent."""
    clock.shift(minutes * MINUTE)
    deliver_due_mails()


def test_a_check_in_is_mailed_after_a_quarter_of_an_hour(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    choose(bob, BY_MAIL)
    make_check_in(alice, porch, reflection_note="Between us.")

    after_a_while(clock, 14.9)
    assert mailoutbox == []
    assert Notification.objects.get(user=bob).is_sent is False

    after_a_while(clock, 0.2)
    (sent,) = mailoutbox
    html = sent.alternatives[0].content
    assert (sent.to, sent.subject) == ([bob.email], "alice checked in to The Porch")
    assert sent.body.startswith("Hello bob,\n\nalice has checked in to “The Porch”.")
    for text in (sent.body, html):
        assert f"http://testserver/groups/{porch.pk}" in text
        assert "You get this mail because you wanted to hear by e-mail when friends check in." in text
        assert "Between us" not in text
    assert Notification.objects.get(user=bob).is_sent is True


def test_nobody_gets_one_without_having_asked_for_it(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    make_check_in(alice, porch)

    assert not OutgoingMail.objects.exists()
    after_a_while(clock)
    assert mailoutbox == []
    assert Notification.objects.get(user=bob).is_sent is False


@pytest.mark.parametrize("preferences", [BY_MAIL, MAIL_ALONE])
def test_what_comes_within_a_quarter_of_an_hour_comes_as_one(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any], preferences: dict[str, Any]
) -> None:
    choose(bob, preferences)
    friends = [alice, *(make_member(f"friend_{number}", porch) for number in range(4))]
    for friend in friends[:3]:
        make_check_in(friend, porch)
        clock.shift(4 * MINUTE)
    after_a_while(clock, 3)
    for friend in friends[3:]:
        make_check_in(friend, porch)
    after_a_while(clock)

    assert [sent.subject for sent in mailoutbox] == [
        "alice, friend_0 and friend_1 checked in to The Porch",
        "friend_2 and friend_3 checked in to The Porch",
    ]
    assert "alice, friend_0 and friend_1 have checked in to “The Porch”." in mailoutbox[0].body


def test_many_are_counted_in_the_subject_and_named_in_the_mail(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    choose(bob, BY_MAIL)
    for friend in [alice, *(make_member(f"friend_{number}", porch) for number in range(3))]:
        make_check_in(friend, porch)
    after_a_while(clock)

    assert mailoutbox[0].subject == "4 friends checked in to The Porch"
    assert "alice, friend_0, friend_1 and friend_2 have checked in" in mailoutbox[0].body


def test_each_group_has_its_own(alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]) -> None:
    choose(bob, BY_MAIL)
    make_check_in(alice, porch)
    make_check_in(alice, make_group(alice, bob, name="The Garden"))
    after_a_while(clock)

    assert {sent.subject for sent in mailoutbox} == {
        "alice checked in to The Porch",
        "alice checked in to The Garden",
    }


def read_by_id(client: Any, row: Notification) -> None:
    assert client.put(f"/api/v1/notifications/{row.pk}/read").status_code == 200


def read_all(client: Any, row: Notification) -> None:
    assert client.post("/api/v1/notifications/read-all").status_code == 200


def delete(client: Any, row: Notification) -> None:
    assert client.delete(f"/api/v1/notifications/{row.pk}").status_code == 204


@pytest.mark.parametrize("seen", [read_by_id, read_all, delete])
def test_what_was_read_in_the_app_is_not_mailed(
    alice: User,
    bob: User,
    porch: Group,
    clock: Any,
    mailoutbox: list[Any],
    seen: Callable[[Any, Notification], None],
) -> None:
    choose(bob, BY_MAIL)
    make_check_in(alice, porch)
    seen(signed_in(bob), Notification.objects.get(user=bob))
    after_a_while(clock)

    assert mailoutbox == []
    assert not OutgoingMail.objects.exists()


def test_the_rest_is_mailed_without_what_was_read(
    alice: User, bob: User, charlie: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    choose(bob, BY_MAIL)
    make_check_in(alice, porch)
    read_all(signed_in(bob), Notification.objects.get(user=bob))
    make_check_in(make_member("dana", porch), porch)
    after_a_while(clock)

    assert [sent.subject for sent in mailoutbox] == ["dana checked in to The Porch"]
    assert "alice" not in mailoutbox[0].body
    assert dict(Notification.objects.filter(user=bob).values_list("subject__username", "is_sent")) == {
        "alice": False,
        "dana": True,
    }


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(lambda alice, bob, porch: leave_group(user=bob, group_id=porch.pk), id="they have left"),
        pytest.param(
            lambda alice, bob, porch: Membership.objects.filter(user=bob).update(notification_enabled=False),
            id="they have muted the group",
        ),
        pytest.param(lambda alice, bob, porch: choose(bob, {}), id="they want no mails any more"),
        pytest.param(lambda alice, bob, porch: User.objects.filter(pk=bob.pk).update(is_active=False), id="inactive"),
        pytest.param(lambda alice, bob, porch: archive_group(user=alice, group_id=porch.pk), id="the group has ended"),
        pytest.param(
            lambda alice, bob, porch: delete_check_in(user=alice, check_in_id=alice.check_ins.get().pk),
            id="the check-in was taken back",
        ),
        pytest.param(lambda alice, bob, porch: alice.delete(), id="its author is gone"),
    ],
)
@pytest.mark.parametrize("preferences", [BY_MAIL, MAIL_ALONE])
def test_it_is_not_sent_when_it_is_not_true_any_more(
    alice: User,
    bob: User,
    porch: Group,
    clock: Any,
    mailoutbox: list[Any],
    preferences: dict[str, Any],
    meanwhile: Callable[[User, User, Group], object],
) -> None:
    choose(bob, preferences)
    make_check_in(alice, porch)
    meanwhile(alice, bob, porch)
    after_a_while(clock)

    assert mailoutbox == []
    assert not OutgoingMail.objects.exists()


def test_who_has_muted_the_group_has_no_mail_waiting(alice: User, bob: User, porch: Group) -> None:
    choose(bob, BY_MAIL)
    Membership.objects.filter(user=bob).update(notification_enabled=False)
    make_check_in(alice, porch)

    assert not OutgoingMail.objects.exists()


def taken_up(seen: OutgoingMail) -> OutgoingMail:
    """A mail, as a worker has it that has just taken it up."""
    mail = take_up(seen, OutgoingMail.objects.select_related("user"), digests.timezone.now(), outbox.LEASE)
    assert mail is not None
    return mail


def test_what_comes_while_a_mail_is_being_sent_comes_with_the_next(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    dana = make_member("dana", porch)
    choose(bob, BY_MAIL)
    make_check_in(alice, porch)
    clock.shift(15 * MINUTE)
    mail = taken_up(OutgoingMail.objects.get())

    make_check_in(dana, porch)
    outbox.attempt(mail)
    after_a_while(clock)

    assert [sent.subject for sent in mailoutbox] == ["alice checked in to The Porch", "dana checked in to The Porch"]


def test_what_was_added_since_the_worker_first_saw_the_mail_is_in_it(
    alice: User, bob: User, porch: Group, clock: Any, mailoutbox: list[Any]
) -> None:
    dana = make_member("dana", porch)
    choose(bob, BY_MAIL)
    make_check_in(alice, porch)
    seen = OutgoingMail.objects.get()
    make_check_in(dana, porch)

    mail = taken_up(seen)
    outbox.attempt(mail)

    assert [sent.subject for sent in mailoutbox] == ["alice and dana checked in to The Porch"]


def test_it_waits_for_a_mail_server_that_is_away(
    alice: User, bob: User, porch: Group, clock: Any, settings: LazySettings
) -> None:
    port = free_port()
    use(settings, f"smtp://127.0.0.1:{port}")
    choose(bob, BY_MAIL)
    make_check_in(alice, porch)
    after_a_while(clock)
    assert Notification.objects.get(user=bob).is_sent is False

    with smtp_server(port) as (inbox, _):
        after_a_while(clock, 2)

    (sent,) = inbox.mails
    assert inbox.recipients == [bob.email]
    assert [part.get_content_type() for part in sent.iter_parts()] == ["text/plain", "text/html"]
    assert Notification.objects.get(user=bob).is_sent is True


def statements_of(author: User, group: Group) -> int:
    with CaptureQueriesContext(connection) as captured:
        make_check_in(author, group)
    return len(captured)


def test_a_bigger_group_takes_no_more_statements(alice: User, clock: Any) -> None:
    people = [make_user(f"friend_{number}", notification_preferences=BY_MAIL) for number in range(99)]
    small = make_group(alice, *people[:3])
    large = make_group(alice, *people, max_members=100)

    first = [statements_of(alice, group) for group in (small, large)]
    added = [statements_of(people[0], group) for group in (small, large)]

    assert first[0] == first[1]
    assert added[0] == added[1]
    sizes = [len(row.data["items"]) for row in OutgoingMail.objects.filter(user__in=people[1:3])]
    assert sizes == [2] * 4


@pytest.mark.django_db(transaction=True)
def test_of_many_check_ins_at_once_none_is_lost_and_two_workers_mail_each_once(settings: LazySettings) -> None:
    alice, bob = make_user("alice"), make_user("bob", notification_preferences=BY_MAIL)
    porch = make_group(alice, bob, max_members=30)
    friends = [make_member(f"friend_{number}", porch) for number in range(10)]
    with smtp_server() as (inbox, url), time_machine.travel("2026-03-04T12:00:00Z", tick=False) as clock:
        use(settings, url)
        at_once(10, lambda number: make_check_in(friends[number], porch))
        clock.shift(15 * MINUTE)
        at_once(2, lambda number: deliver_due_mails())

    (sent,) = inbox.mails
    assert all(friend.username in sent.get_body(("plain",)).get_content() for friend in friends)
    assert Notification.objects.filter(user=bob, is_sent=True).count() == 10
