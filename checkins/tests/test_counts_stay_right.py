"""Whatever people do, in whatever order, a group's counts are what a recount gives."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.erasure import erase_person
from accounts.models import User
from accounts.tests.builders import make_user
from checkins.closing import close_next_period
from checkins.importing import import_local_storage
from checkins.models import CheckIn
from checkins.recount import differences
from checkins.services import change_check_in, delete_check_in, submit_check_in
from checkins.tests.builders import ANSWERS
from groups.members import change_member, join_group, leave_group, remove_member
from groups.models import Group, Membership, MembershipSpan, Role, Status
from groups.services import archive_group, update_group
from groups.staff import restore_group
from groups.tests.builders import make_group
from hucares.errors import DomainError

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
Step = Callable[["Play", User, Group, User], None]
OLD_ANSWERS = {"productive": 5, "satisfied": 5, "body": 5, "care": 5}
PEOPLE = ["alice", "bob", "dora", "emil"]


class Play:
    """Four people and two groups with few places, in which anything may be tried; a refusal is a result too."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.people = [make_user(name) for name in PEOPLE]
        alice, bob, dora, _ = self.people
        self.groups = [
            make_group(alice, bob, name="Few", max_members=3),
            make_group(dora, bob, name="Daily", check_in_frequency="daily", timezone="Pacific/Auckland"),
        ]
        for _ in range(2):
            for number, group in enumerate(self.groups):
                submit_check_in(user=bob, group_id=group.pk, **ANSWERS)
                submit_check_in(user=[alice, dora][number], group_id=group.pk, **ANSWERS)
            clock.shift(timedelta(days=7))

    def attempt(self, step: Step, person: int, group: int, other: int) -> None:
        """Try one of the steps below."""
        self.groups[group].refresh_from_db()
        with contextlib.suppress(DomainError):
            step(self, self.people[person], self.groups[group], self.people[other])

    def join(self, person: User, group: Group, other: User) -> None:
        join_group(user=person, access_code=group.access_code)

    def leave(self, person: User, group: Group, other: User) -> None:
        leave_group(user=person, group_id=group.pk)

    def remove(self, person: User, group: Group, other: User) -> None:
        remove_member(user=person, group_id=group.pk, member_id=other.pk)

    def ban(self, person: User, group: Group, other: User) -> None:
        change_member(user=person, group_id=group.pk, member_id=other.pk, status="banned")

    def pardon(self, person: User, group: Group, other: User) -> None:
        change_member(user=person, group_id=group.pk, member_id=other.pk, status="active")

    def promote(self, person: User, group: Group, other: User) -> None:
        change_member(user=person, group_id=group.pk, member_id=other.pk, role="admin")

    def check_in(self, person: User, group: Group, other: User) -> None:
        submit_check_in(user=person, group_id=group.pk, **ANSWERS)

    def change(self, person: User, group: Group, other: User) -> None:
        newest = CheckIn.objects.filter(user=person).order_by("-pk").first()
        if newest is not None:
            change_check_in(user=person, check_in_id=newest.pk, care_score=1)

    def delete(self, person: User, group: Group, other: User) -> None:
        oldest = CheckIn.objects.filter(user=person, group=group).order_by("pk").first()
        if oldest is not None:
            delete_check_in(user=person, check_in_id=oldest.pk)

    def bring_along(self, person: User, group: Group, other: User) -> None:
        weeks = [START - timedelta(weeks=number) for number in range(1, 15, len(other.username) - 2)]
        records = [{"id": str(week), "weekStartDate": week.isoformat(), **OLD_ANSWERS} for week in weeks]
        import_local_storage(user=person, data={"checkIns": records}, group_id=group.pk)

    def change_frequency(self, person: User, group: Group, other: User) -> None:
        frequency = "daily" if group.check_in_frequency == "weekly" else "weekly"
        update_group(user=person, group_id=group.pk, check_in_frequency=frequency)

    def archive(self, person: User, group: Group, other: User) -> None:
        archive_group(user=person, group_id=group.pk)

    def restore(self, person: User, group: Group, other: User) -> None:
        restore_group(group_id=group.pk)

    def erase(self, person: User, group: Group, other: User) -> None:
        erase_person(person)
        self.people[PEOPLE.index(person.username)] = make_user(person.username)

    def wait(self, person: User, group: Group, other: User) -> None:
        self.clock.shift(timedelta(hours=30))
        while close_next_period():
            pass


STEPS: list[Step] = [
    Play.join,
    Play.join,
    Play.leave,
    Play.remove,
    Play.ban,
    Play.pardon,
    Play.promote,
    Play.check_in,
    Play.check_in,
    Play.check_in,
    Play.change,
    Play.delete,
    Play.bring_along,
    Play.change_frequency,
    Play.archive,
    Play.restore,
    Play.erase,
    Play.wait,
    Play.wait,
]
person = st.integers(0, len(PEOPLE) - 1)
steps = st.lists(st.tuples(st.sampled_from(STEPS), person, st.integers(0, 1), person), min_size=5, max_size=40)


def assert_right(play: Play) -> None:
    """Counts equal a recount, places hold, a living group has an admin, and spans say who is there."""
    groups = list(Group.objects.order_by("pk"))
    wrong = [one for one in differences(groups) if one.figure != "average_participation_rate"]
    assert wrong == []
    for group in groups:
        present = Membership.objects.filter(group=group, status=Status.ACTIVE)
        assert group.member_count <= group.max_members
        assert present.filter(role=Role.ADMIN).exists() or not group.is_active
        open_spans = MembershipSpan.objects.filter(membership__group=group, left_at=None)
        there = present.filter(group__is_active=True)
        assert set(open_spans.values_list("membership", flat=True)) == set(there.values_list("pk", flat=True))


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(steps)
def test_counts_equal_a_recount_after_any_sequence(sequence: list[Any]) -> None:
    with time_machine.travel(START, tick=False) as clock, transaction.atomic():
        play = Play(clock)
        for step, person, group, other in sequence:
            play.attempt(step, person, group, other)
            assert_right(play)
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_so_does_the_rate_once_periods_are_closed(sequence: list[Any]) -> None:
    with time_machine.travel(START, tick=False) as clock, transaction.atomic():
        play = Play(clock)
        for step, person, group, other in sequence:
            play.attempt(step, person, group, other)
        clock.shift(timedelta(days=8))
        while close_next_period():
            pass
        assert differences(list(Group.objects.all())) == []
        transaction.set_rollback(True)
