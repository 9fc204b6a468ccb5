"""Several ask the same address into the same group: one mail goes, from whoever may still ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.erasure import erase_person
from accounts.mail import deliver_due_mails
from accounts.models import OutgoingMail, User
from accounts.tests.builders import make_user
from groups import invitations
from groups.members import change_member, leave_group
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group
from groups.tests.inviting import invite, mailed
from hucares.tests.racing import at_once, behind_lock
from notifications.models import Notification

STRANGER = "erin@example.com"


def subjects(mailoutbox: list[Any]) -> list[str]:
    deliver_due_mails()
    return [sent.subject for sent in mailoutbox]


@pytest.mark.parametrize(
    "goes",
    [
        pytest.param(lambda alice, bob, porch: leave_group(user=bob, group_id=porch.pk), id="leaves"),
        pytest.param(lambda alice, bob, porch: erase_person(bob), id="is erased"),
        pytest.param(
            lambda alice, bob, porch: change_member(
                user=alice, group_id=porch.pk, member_id=bob.pk, status=Status.BANNED
            ),
            id="is banned",
        ),
        pytest.param(
            lambda alice, bob, porch: Group.objects.update(allow_member_invite=False), id="may not ask any more"
        ),
    ],
)
@pytest.mark.parametrize("whom", [{"email": STRANGER}, {"email": "charlie@example.com"}, {"username": "charlie"}])
def test_if_the_first_asker_goes_it_is_from_the_second(
    alice: User,
    bob: User,
    charlie: User,
    porch: Group,
    mailoutbox: list[Any],
    whom: dict[str, str],
    goes: Callable[[User, User, Group], object],
) -> None:
    invite(bob, porch, **whom)
    invite(alice, porch, **whom)
    goes(alice, bob, porch)

    assert subjects(mailoutbox) == ["alice invites you to The Porch"]
    assert subjects(mailoutbox) == ["alice invites you to The Porch"]
    if whom != {"email": STRANGER}:
        assert "alice" in set(Notification.objects.filter(user=charlie).values_list("subject__username", flat=True))


def test_else_it_is_from_the_first(alice: User, bob: User, porch: Group, mailoutbox: list[Any]) -> None:
    invite(bob, porch, email=STRANGER)
    invite(alice, porch, email=STRANGER)
    invite(bob, porch, email=STRANGER)

    assert OutgoingMail.objects.get().data["invitedByIds"] == [str(bob.pk), str(alice.pk)]
    assert subjects(mailoutbox) == ["bob invites you to The Porch"]


def test_it_is_not_sent_if_all_of_them_have_gone(alice: User, bob: User, porch: Group, mailoutbox: list[Any]) -> None:
    invite(bob, porch, email=STRANGER)
    invite(alice, porch, email=STRANGER)
    leave_group(user=bob, group_id=porch.pk)
    leave_group(user=alice, group_id=porch.pk)

    assert subjects(mailoutbox) == []
    assert not OutgoingMail.objects.exists()


def test_an_erased_asker_is_named_nowhere_and_the_day_is_not_forgotten(
    alice: User, bob: User, porch: Group, mailoutbox: list[Any]
) -> None:
    invite(bob, porch, email=STRANGER)
    deliver_due_mails()
    erase_person(bob)

    assert OutgoingMail.objects.get().data == {"groupId": str(porch.pk), "invitedByIds": []}
    invite(alice, porch, email=STRANGER)
    assert subjects(mailoutbox) == ["bob invites you to The Porch"]


@pytest.mark.needs_servers
@pytest.mark.django_db(transaction=True)
def test_who_asks_while_the_worker_finds_that_nobody_does_is_not_lost(mailoutbox: list[Any]) -> None:
    alice, bob = make_user("alice"), make_user("bob")
    porch = make_group(alice, bob)
    invite(bob, porch, email=STRANGER)
    leave_group(user=bob, group_id=porch.pk)
    mail = OutgoingMail.objects.get()

    asked = behind_lock(OutgoingMail.objects.all(), lambda: mail.delete(), lambda: invite(alice, porch, email=STRANGER))

    assert asked.result().status_code == 200
    assert subjects(mailoutbox) == ["alice invites you to The Porch"]


@pytest.mark.needs_servers
@pytest.mark.django_db(transaction=True)
def test_the_worker_finds_whoever_asked_while_it_waited(mailoutbox: list[Any]) -> None:
    alice, bob = make_user("alice"), make_user("bob")
    porch = make_group(alice, bob)
    invite(bob, porch, email=STRANGER)
    Membership.objects.filter(user=bob).update(status=Status.INACTIVE)
    membership = Membership.objects.get(user=alice)

    behind_lock(
        OutgoingMail.objects.all(),
        lambda: invitations.queue_invitation(membership, STRANGER, None),
        deliver_due_mails,
    ).result()

    assert [sent.subject for sent in mailoutbox] == ["alice invites you to The Porch"]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_ask_in_one_mail(mailoutbox: list[Any]) -> None:
    people = [make_user(f"friend_{number}") for number in range(6)]
    porch = make_group(*people)

    at_once(6, lambda number: invite(people[number], porch, email=STRANGER))

    assert mailed() == [STRANGER]
    assert sorted(OutgoingMail.objects.get().data["invitedByIds"]) == sorted(str(person.pk) for person in people)
    assert len(subjects(mailoutbox)) == 1
