"""Submits, changes and deletions of several people at once: afterwards everything adds up."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from checkins.models import CheckIn
from checkins.tests.builders import events_of, make_check_in, recount
from groups.models import Group
from groups.tests.builders import make_group
from hucares.tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/checkins"
EVENTS = {"POST": "friend-checked-in", "PUT": "check-in-updated", "DELETE": "check-in-deleted"}
ACTIONS = 12


class Busybody:
    """Somebody who does one thing after another in two groups; notes what was done, in which group."""

    def __init__(self, user: User, groups: list[Group], seed: int) -> None:
        self.user = user
        self.client = signed_in(user)
        self.groups = [str(group.pk) for group in groups]
        self.dice = random.Random(seed)
        self.done: Counter[tuple[str, str]] = Counter()

    def act(self) -> None:
        """Submit, change or delete; be it refused, as when another device of the same person was quicker."""
        method, group = self.dice.choice(["POST", "POST", "PUT", "PUT", "DELETE"]), self.dice.choice(self.groups)
        scores = {name: self.dice.randint(1, 10) for name in ("productive", "satisfied", "body", "care")}
        mine = f"{URL}/{CheckIn.objects.filter(user=self.user, group=group).values_list('pk', flat=True).first()}"
        if method == "POST":
            answer = self.client.post(URL, {"groupId": group, **scores})
        elif method == "PUT":
            # With a note that no other change writes, so that it always is a change.
            answer = self.client.put(mine, {**scores, "reflectionNote": str(self.dice.random())})
        else:
            answer = self.client.delete(mine)
        assert answer.status_code in {200, 201, 204, 404, 409}, answer.content
        if answer.status_code < 300:
            self.done[group, EVENTS[method]] += 1


def test_after_a_mixture_counts_equal_a_recount_and_each_change_is_one_event(alice: User, bob: User) -> None:
    people = [alice, bob, *(make_user(f"guest_{number}") for number in range(2))]
    groups = [make_group(*people, name=name) for name in ("The Porch", "The Garden")]
    # Two devices each.
    busybodies = [Busybody(user, groups, seed) for seed, user in enumerate(people * 2)]

    def work(number: int) -> None:
        for _ in range(ACTIONS):
            busybodies[number].act()

    at_once(len(busybodies), work)

    done = sum((one.done for one in busybodies), Counter[tuple[str, str]]())
    assert {event for _, event in done} == set(EVENTS.values())
    for group in groups:
        group.refresh_from_db()
        assert (group.member_count, group.total_check_ins) == recount(group)
        assert Counter(events_of(group)) == {event: done[str(group.pk), event] for event in EVENTS.values()}
        assert group.total_check_ins == done[str(group.pk), EVENTS["POST"]] - done[str(group.pk), EVENTS["DELETE"]]
        assert group.version == len(people) - 1 + len(events_of(group))


def test_changes_at_once_are_all_events_and_the_last_one_stands(alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    client = signed_in(alice)
    client.get("/api/v1/users/profile")

    answers = at_once(10, lambda number: client.put(f"{URL}/{check_in.pk}", {"productive": 1 + number}))

    changed = [answer for answer in answers if answer.status_code == 200]
    assert len(changed) == 10
    assert all(data["huCaresScore"] == data["productive"] + 4 for data in (one.json()["data"] for one in changed))
    check_in.refresh_from_db()
    assert check_in.hu_cares_score == check_in.productive_score + 4
    # One of them may have found the 8 that was there.
    assert events_of(porch)[0] == "friend-checked-in"
    assert events_of(porch)[1:] in ([EVENTS["PUT"]] * 9, [EVENTS["PUT"]] * 10)


def test_a_deletion_and_a_change_at_once_agree_on_which_was_first(alice: User, porch: Group) -> None:
    client = signed_in(alice)
    client.get("/api/v1/users/profile")
    for _ in range(5):
        check_in = make_check_in(alice, porch)
        before = len(events_of(porch))
        changed, deleted = at_once(
            2,
            lambda number, path=f"{URL}/{check_in.pk}": (
                client.delete(path) if number else client.put(path, {"productive": 3})
            ),
        )

        assert deleted.status_code == 204
        expected = ["check-in-updated", "check-in-deleted"] if changed.status_code == 200 else ["check-in-deleted"]
        assert changed.status_code in {200, 404}
        assert events_of(porch)[before:] == expected
    porch.refresh_from_db()
    assert (porch.member_count, porch.total_check_ins) == recount(porch) == (2, 0)
