"""POST /groups/:id/invite, of whoever has an e-mail address."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.mail import deliver_due_mails
from accounts.models import OutgoingMail, User
from accounts.tests.builders import make_user, signed_in
from groups.invitations import MAIL_PAUSE
from groups.models import Group, Status
from groups.tests.builders import make_group, make_member
from groups.tests.inviting import invite, invite_url, mailed
from hucares.tests.answers import data_of
from hucares.tests.racing import at_once
from notifications.models import Notification


def test_an_address_gets_a_mail_and_nothing_else_happens_yet(bob: User, porch: Group) -> None:
    assert data_of(invite(bob, porch, email="Erin@Example.com")) == {"message": "Invitation sent"}

    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.email, mail.user) == ("group-invitation", "Erin@Example.com", None)
    assert mail.data == {"groupId": str(porch.pk), "invitedByIds": [str(bob.pk)]}
    assert not Notification.objects.exists()


def statements_of(client: APIClient, group: Group, email: str) -> tuple[Any, list[str]]:
    """(answer, statements with their values blotted out) of one invitation by address."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(invite_url(group), {"email": email})
    queries = [query["sql"] for query in captured]
    for sql in queries:
        assert email.lower() not in sql.lower() or '"outgoing_mails"' in sql, sql
    return answer, [re.sub(r"'[^']*'|SAVEPOINT .*", "?", sql) for sql in queries]


def test_whoever_has_the_address_the_answer_and_the_work_are_the_same(
    alice: User, bob: User, charlie: User, porch: Group
) -> None:
    banned = make_member("banned", porch, status=Status.BANNED)
    left = make_member("left", porch, status=Status.INACTIVE)
    inactive = make_user("inactive", is_active=False)
    silent = make_user("silent", notification_preferences={"groupInvitation": {"email": False, "inApp": False}})
    people = [alice, bob, charlie, banned, left, inactive, silent]
    client = signed_in(bob)
    client.get(f"/api/v1/groups/{porch.pk}")

    unknown, statements = statements_of(client, porch, "nobody@example.com")
    for person in people:
        answer, theirs = statements_of(client, porch, person.email)
        assert (answer.status_code, data_of(answer)) == (200, data_of(unknown))
        assert answer.json().keys() == unknown.json().keys()
        assert theirs == statements

    assert mailed() == ["nobody@example.com", *(person.email for person in people)]
    assert not Notification.objects.exists()


def test_one_mail_about_a_group_goes_to_an_address_in_a_day(alice: User, bob: User, porch: Group) -> None:
    first = data_of(invite(bob, porch, email="erin@example.com"))

    for who, email in ((bob, "erin@example.com"), (alice, "erin@example.com"), (alice, "ERIN@Example.COM")):
        assert data_of(invite(who, porch, email=email)) == first

    assert mailed() == ["erin@example.com"]
    garden = make_group(bob, name="The Garden")
    data_of(invite(bob, garden, email="erin@example.com"))
    data_of(invite(bob, porch, email="finn@example.com"))
    assert mailed() == ["erin@example.com", "erin@example.com", "finn@example.com"]


def test_a_name_and_its_address_are_one_person(alice: User, bob: User, charlie: User, porch: Group) -> None:
    data_of(invite(alice, porch, email="CHARLIE@example.com"))
    data_of(invite(bob, porch, username="charlie"))

    assert mailed() == ["CHARLIE@example.com"]
    assert Notification.objects.count() == 1


def test_the_next_day_another_mail_may_go(bob: User, porch: Group, mailoutbox: list[Any]) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        data_of(invite(bob, porch, email="erin@example.com"))
        clock.shift(3600)
        deliver_due_mails()
        for passed, mails in ((MAIL_PAUSE.total_seconds() - 1, 1), (1, 2)):
            clock.shift(passed)
            data_of(invite(bob, porch, email="erin@example.com"))
            deliver_due_mails()
            assert len(mailoutbox) == mails


def test_one_that_still_waits_the_next_day_stays_the_only_one(bob: User, porch: Group) -> None:
    data_of(invite(bob, porch, email="erin@example.com"))
    with time_machine.travel(timezone.now() + 2 * MAIL_PAUSE, tick=False):
        data_of(invite(bob, porch, email="erin@example.com"))

    assert mailed() == ["erin@example.com"]


def test_one_that_was_given_up_keeps_nobody_from_asking_again(bob: User, porch: Group) -> None:
    data_of(invite(bob, porch, email="erin@example.com"))
    OutgoingMail.objects.update(due_at=None)
    data_of(invite(bob, porch, email="erin@example.com"))

    assert mailed() == ["erin@example.com"] * 2


@pytest.mark.django_db(transaction=True)
def test_ten_who_ask_the_same_address_at_once_cause_one_mail(alice: User, bob: User, porch: Group) -> None:
    clients = [signed_in(alice), signed_in(bob)]
    spellings = ["erin@example.com", "ERIN@example.com"]

    answers = at_once(
        10, lambda number: clients[number % 2].post(invite_url(porch), {"email": spellings[number // 2 % 2]})
    )

    assert [data_of(answer) for answer in answers] == [{"message": "Invitation sent"}] * 10
    assert len(mailed()) == 1
