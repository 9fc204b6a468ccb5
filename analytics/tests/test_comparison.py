"""GET /analytics/comparison."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from accounts.tests.builders import signed_in
from analytics.tests.builders import URL, ask, make_week
from groups.members import leave_group
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group, make_member
from hucares.tests.answers import refusal_of


def productive(user: User, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = ask(user, "comparison", **query)["measures"]["productive"]
    return found


@pytest.fixture
def four(alice: User, bob: User, porch: Group) -> dict[str, User]:
    """Four people on the porch who answered 6, 4, 6 and 9 this week."""
    people = {"alice": alice, "bob": bob, "carol": make_member("carol", porch), "dan": make_member("dan", porch)}
    for person, answer in zip(people.values(), (6, 4, 6, 9), strict=True):
        make_week(person, porch, 0, productive_score=answer)
    return people


def test_one_stands_beside_the_average_of_the_others(four: dict[str, User], porch: Group) -> None:
    answer = ask(four["alice"], "comparison", groupId=str(porch.pk), weeks=2)

    assert answer["range"] == {"from": "2026-03-16", "to": "2026-03-29", "weeks": 2}
    assert answer["measures"].keys() == {"productive", "satisfied", "body", "care", "huCares"}
    assert answer["measures"]["productive"] == {
        "you": 6,
        "group": pytest.approx(19 / 3),
        "difference": pytest.approx(6 - 19 / 3),
        "percentile": 50,  # one below, half of the one who is level
        "n": 3,
    }
    assert answer["measures"]["care"] == {"you": 9, "group": 9, "difference": 0, "percentile": 50, "n": 3}


def test_the_percentile_is_among_the_others(four: dict[str, User]) -> None:
    found = {name: productive(person)["percentile"] for name, person in four.items()}

    assert found == {"alice": 50, "bob": 0, "carol": 50, "dan": 100}


def test_each_of_the_others_counts_once_for_the_percentile_and_with_each_check_in_for_the_average(
    four: dict[str, User], porch: Group
) -> None:
    make_week(four["dan"], porch, 1, productive_score=1)  # then 5 on average

    assert productive(four["alice"]) == {
        "you": 6,
        "group": 5,
        "difference": 1,
        "percentile": pytest.approx(100 * 2.5 / 3),
        "n": 4,
    }


def test_what_others_keep_private_is_in_no_figure_and_ones_own_is(four: dict[str, User], porch: Group) -> None:
    make_week(four["carol"], porch, 1, productive_score=1, is_private=True)
    make_week(four["alice"], porch, 1, productive_score=2, is_private=True)
    found = productive(four["alice"])
    assert (found["you"], found["n"]) == (4, 3)
    assert productive(four["bob"])["group"] == 7  # of 6, 6 and 9

    User.objects.filter(pk=four["dan"].pk).update(privacy_settings={"scores": "private"})
    Group.objects.update(version=99)  # as every change of privacy moves it
    assert (productive(four["alice"])["n"], productive(four["alice"])["group"]) == (2, 5)


def test_one_other_alone_is_no_group(alice: User, bob: User, porch: Group) -> None:
    make_week(alice, porch, 0)
    make_week(bob, porch, 0)

    assert productive(alice) == {"you": 8, "group": None, "difference": None, "percentile": None, "n": 1}


def test_whoever_has_not_checked_in_sees_the_group_and_no_difference(four: dict[str, User], porch: Group) -> None:
    eve = make_member("eve", porch)

    assert productive(eve) == {"you": None, "group": 6.25, "difference": None, "percentile": None, "n": 4}


def test_without_a_group_it_is_about_all_groups_one_is_in(four: dict[str, User], porch: Group) -> None:
    alice = four["alice"]
    garden = make_group(alice, make_member("eve", porch), name="The Garden")
    gone = make_group(four["bob"], alice, name="The Attic")
    make_week(alice, garden, 0, productive_score=8)
    make_week(alice, gone, 0, productive_score=1)
    make_week(four["bob"], gone, 0, productive_score=1)
    make_week(User.objects.get(username="eve"), garden, 0, productive_score=5)
    leave_group(user=alice, group_id=gone.pk)

    found = productive(alice)

    assert (found["you"], found["group"], found["n"]) == (7, 6, 4)  # 6 and 8; 4, 6, 9 and 5
    assert productive(alice, groupId=str(garden.pk))["group"] is None


def test_without_groups_there_is_nothing(charlie: User) -> None:
    assert productive(charlie) == {"you": None, "group": None, "difference": None, "percentile": None, "n": 0}


def test_a_group_of_others_is_not_found(bob: User, charlie: User, porch: Group) -> None:
    Membership.objects.filter(user=bob).update(status=Status.INACTIVE)
    nowhere = refusal_of(signed_in(charlie).get(f"{URL}/comparison", {"groupId": str(uuid4())}), 404, "NOT_FOUND")

    for outsider in (bob, charlie):
        response = signed_in(outsider).get(f"{URL}/comparison", {"groupId": str(porch.pk)})
        assert refusal_of(response, 404, "NOT_FOUND") == nowhere
