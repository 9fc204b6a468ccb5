"""How often somebody may ask others in."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from groups.models import Group
from groups.tests.builders import make_group
from groups.tests.inviting import invite, invite_url, mailed
from groups.tests.traces import traces
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.racing import at_once
from hucares.throttling import shared_storage


@pytest.fixture(autouse=True)
def limits_are_on(settings: LazySettings) -> None:
    """Every limit at its full size, and nothing counted yet."""
    settings.THROTTLE_SCALE = 1
    shared_storage().reset()


def test_twenty_an_hour_of_one_person_whatever_the_group_and_the_way(bob: User, porch: Group) -> None:
    garden = make_group(bob, name="The Garden")
    client = signed_in(bob)
    for number in range(10):
        data_of(client.post(invite_url(porch), {"email": f"guest{number}@example.com"}))
        refusal_of(client.post(invite_url(garden), {"username": "nobody"}), 404, "NOT_FOUND")
    make_user("dana")
    before = traces()

    for whom in ({"email": "erin@example.com"}, {"username": "dana"}):
        answer = client.post(invite_url(porch), whom)
        refusal_of(answer, 429, "RATE_LIMITED")
        assert 1 <= int(answer["Retry-After"]) <= 3600
    assert traces() == before


def test_others_have_their_own_twenty(alice: User, bob: User, porch: Group) -> None:
    client = signed_in(bob)
    for number in range(20):
        client.post(invite_url(porch), {"email": f"guest{number}@example.com"})
    refusal_of(client.post(invite_url(porch), {"email": "erin@example.com"}), 429, "RATE_LIMITED")

    data_of(invite(alice, porch, email="erin@example.com"))


def test_whoever_may_not_ask_anybody_in_uses_up_nothing(alice: User, bob: User) -> None:
    closed, garden = make_group(alice, bob, allow_member_invite=False), make_group(bob, name="The Garden")
    for _ in range(20):
        refusal_of(invite(bob, closed, email="erin@example.com"), 403, "FORBIDDEN")

    data_of(invite(bob, garden, email="erin@example.com"))


@pytest.mark.django_db(transaction=True)
def test_thirty_at_once_are_twenty(bob: User, porch: Group) -> None:
    client = signed_in(bob)

    answers = at_once(30, lambda number: client.post(invite_url(porch), {"email": f"guest{number}@example.com"}))

    assert sorted(answer.status_code for answer in answers) == [200] * 20 + [429] * 10
    assert len(set(mailed())) == 20
