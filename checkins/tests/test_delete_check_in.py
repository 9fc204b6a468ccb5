"""DELETE /checkins/:id."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.models import CheckIn
from checkins.participation import refresh_participation
from checkins.tests.builders import events_of, make_check_in
from groups.models import Group, Membership, Status
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.racing import at_once
from notifications.models import Notification

URL = "/api/v1/checkins"


def url(check_in: CheckIn) -> str:
    return f"{URL}/{check_in.pk}"


def traces(group: Group) -> dict[str, Any]:
    group.refresh_from_db()
    return {
        "rows": CheckIn.objects.filter(group=group).count(),
        "counted": group.total_check_ins,
        "version": group.version,
        "events": events_of(group),
    }


def test_it_is_gone_and_the_group_hears_of_it(alice: User, bob: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    make_check_in(bob, porch)
    before, person = traces(porch), User.objects.get(pk=alice.pk)

    answer = signed_in(alice).delete(url(check_in))

    assert (answer.status_code, answer.content) == (204, b"")
    assert traces(porch) == {
        "rows": 1,
        "counted": 1,
        "version": before["version"] + 1,
        "events": ["friend-checked-in", "friend-checked-in", "check-in-deleted"],
    }
    assert CheckIn.objects.get().user == bob
    assert User.objects.get(pk=alice.pk).version == person.version + 1


def test_what_the_friends_were_told_stays(alice: User, bob: User, porch: Group) -> None:
    signed_in(alice).delete(url(make_check_in(alice, porch)))

    assert Notification.objects.get().user == bob


def test_afterwards_one_may_check_in_again(alice: User, porch: Group) -> None:
    client = signed_in(alice)
    client.delete(url(make_check_in(alice, porch)))

    body = {"groupId": str(porch.pk), "productive": 1, "satisfied": 1, "body": 1, "care": 1}
    assert data_of(client.post(URL, body), 201)["huCaresScore"] == 2
    assert traces(porch)["counted"] == 1


def test_a_second_time_there_is_nothing(alice: User, porch: Group) -> None:
    client = signed_in(alice)
    check_in = make_check_in(alice, porch)
    client.delete(url(check_in))
    before = traces(porch)

    refusal_of(client.delete(url(check_in)), 404, "NOT_FOUND")
    assert traces(porch) == before


def test_one_of_a_closed_period_takes_its_part_of_the_participation_with_it(
    alice: User, bob: User, porch: Group
) -> None:
    with time_machine.travel("2026-03-03T12:00:00Z", tick=False) as clock:
        Group.objects.update(created_at="2026-03-02T00:00:00Z")
        for membership in Membership.objects.all():
            membership.spans.update(joined_at="2026-03-02T12:00:00Z")
        check_in = make_check_in(alice, porch)
        make_check_in(bob, porch)
        clock.shift(7 * 24 * 3600)
        porch.refresh_from_db()
        refresh_participation(porch)
        open_one = make_check_in(alice, porch)
        client = signed_in(alice)

        client.delete(url(open_one))
        porch.refresh_from_db()
        assert porch.average_participation_rate == 1
        assert client.delete(url(check_in)).status_code == 204

    porch.refresh_from_db()
    assert (porch.average_participation_rate, porch.total_check_ins) == (Decimal("0.50"), 1)


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_who_has_left_may_delete_it(alice: User, porch: Group, status: Status) -> None:
    check_in = make_check_in(alice, porch)
    Membership.objects.filter(user=alice).update(status=status)

    assert signed_in(alice).delete(url(check_in)).status_code == 204
    assert (traces(porch)["rows"], traces(porch)["counted"]) == (0, 0)


def test_so_may_the_author_in_a_group_that_has_ended(alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    Group.objects.update(is_active=False)

    assert signed_in(alice).delete(url(check_in)).status_code == 204
    assert (traces(porch)["rows"], traces(porch)["counted"]) == (0, 0)


def test_that_of_a_friend_gets_the_answer_of_one_that_does_not_exist(alice: User, bob: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    before = traces(porch)
    client = signed_in(bob)

    friends = refusal_of(client.delete(url(check_in)), 404, "NOT_FOUND")
    assert friends == refusal_of(client.delete(f"{URL}/{uuid4()}"), 404, "NOT_FOUND")
    assert traces(porch) == before


@pytest.mark.django_db(transaction=True)
def test_of_twenty_deletes_at_once_one_is_done(alice: User, bob: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    make_check_in(bob, porch)
    client = signed_in(alice)
    client.get("/api/v1/users/profile")

    answers = at_once(20, lambda _: client.delete(url(check_in)))

    assert sorted(answer.status_code for answer in answers) == [204] + 19 * [404]
    after = traces(porch)
    assert (after["rows"], after["counted"]) == (1, 1)
    assert after["events"].count("check-in-deleted") == 1


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)

    refusal_of(anonymous.delete(url(check_in)), 401, "NOT_AUTHENTICATED")
    assert traces(porch)["rows"] == 1
