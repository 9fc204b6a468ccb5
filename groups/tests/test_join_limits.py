"""How often somebody may try to come in: each attempt tries a code."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from groups.models import Group
from groups.tests.builders import make_group
from groups.tests.traces import roles_in, traces
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.racing import at_once
from hucares.throttling import shared_storage

URL = "/api/v1/groups/join"
WRONG = "22222222"


@pytest.fixture(autouse=True)
def limits_are_on(settings: LazySettings) -> None:
    """Every limit at its full size, and nothing counted yet."""
    settings.THROTTLE_SCALE = 1
    shared_storage().reset()


def attempt(user: User, code: str = WRONG, address: str = "192.0.2.1", **body: Any) -> Any:
    return signed_in(user, REMOTE_ADDR=address).post(URL, body or {"accessCode": code})


def test_ten_attempts_an_hour_of_one_person_wherever_from(charlie: User, porch: Group) -> None:
    for number in range(10):
        refusal_of(attempt(charlie, address=f"192.0.2.{number}"), 404, "INVALID_ACCESS_CODE")
    before = traces()

    answer = attempt(charlie, porch.access_code, "192.0.2.99")

    refusal_of(answer, 429, "RATE_LIMITED")
    assert 1 <= int(answer["Retry-After"]) <= 3600
    assert traces() == before


def test_thirty_attempts_an_hour_from_one_address_whoever_it_is(porch: Group) -> None:
    for number in range(30):
        refusal_of(attempt(make_user(f"guest_{number}")), 404, "INVALID_ACCESS_CODE")
    late = make_user("late")
    before = traces()

    answer = attempt(late, porch.access_code)

    refusal_of(answer, 429, "RATE_LIMITED")
    assert 1 <= int(answer["Retry-After"]) <= 3600
    assert traces() == before
    data_of(attempt(late, porch.access_code, "192.0.2.2"))


def test_good_attempts_and_those_by_id_count_too(alice: User, charlie: User) -> None:
    group = make_group(alice, is_private=False)
    data_of(attempt(charlie, groupId=str(group.pk)))
    for _ in range(9):
        refusal_of(attempt(charlie, groupId=str(group.pk)), 409, "ALREADY_MEMBER")

    refusal_of(attempt(charlie, groupId=str(group.pk)), 429, "RATE_LIMITED")


def test_a_body_that_does_not_fit_tries_no_code_and_costs_nothing(charlie: User, porch: Group) -> None:
    for _ in range(12):
        refusal_of(attempt(charlie, ""), 400, "VALIDATION_ERROR")

    data_of(attempt(charlie, porch.access_code))


def test_who_has_no_attempt_left_uses_up_none_of_an_address_that_others_share(charlie: User, porch: Group) -> None:
    for _ in range(10):
        attempt(charlie)
    for _ in range(25):
        refusal_of(attempt(charlie), 429, "RATE_LIMITED")

    data_of(attempt(make_user("neighbour"), porch.access_code))


def test_neither_tells_a_code_that_opened_something_once_from_one_that_never_did(
    alice: User, charlie: User, porch: Group
) -> None:
    gone = make_group(alice, name="The Attic")
    Group.objects.filter(pk=gone.pk).update(is_active=False)
    answers = [attempt(charlie, code) for code in (WRONG, gone.access_code, gone.access_code.lower())]

    assert {answer.status_code for answer in answers} == {404}
    first, *others = [answer.json() for answer in answers]
    for other in others:
        assert (other["success"], other["error"]) == (first["success"], first["error"])
        assert other["meta"].keys() == first["meta"].keys()


@pytest.mark.django_db(transaction=True)
def test_forty_attempts_of_one_person_at_once_are_ten(charlie: User, porch: Group) -> None:
    client = signed_in(charlie)

    answers = at_once(40, lambda number: client.post(URL, {"accessCode": WRONG}, REMOTE_ADDR=f"192.0.2.{number}"))

    assert sorted(answer.status_code for answer in answers) == [404] * 10 + [429] * 30
    assert roles_in(porch) == {"alice": "admin", "bob": "member"}


@pytest.mark.django_db(transaction=True)
def test_forty_people_from_one_address_at_once_are_thirty(porch: Group) -> None:
    clients = [signed_in(make_user(f"guest_{number}")) for number in range(40)]

    answers = at_once(40, lambda number: clients[number].post(URL, {"accessCode": WRONG}, REMOTE_ADDR="192.0.2.1"))

    assert sorted(answer.status_code for answer in answers) == [404] * 30 + [429] * 10
