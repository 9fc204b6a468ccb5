"""The participation rate: pure arithmetic, and what it reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.tests.builders import make_user
from checkins.participation import Stretch, participation_rate, participation_rates, refresh_participation
from checkins.services import delete_check_in
from checkins.tests.builders import make_check_in, make_past_check_in
from groups.members import leave_group
from groups.models import Group, Membership, MembershipSpan, Status
from groups.periods import Period, closed_periods
from groups.staff import archive_group, restore_group
from groups.tests.builders import make_group

NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)  # a Wednesday
WEEKS = closed_periods(NOW, "weekly", "UTC", count=4)  # from 2026-02-23 to 2026-03-22
ANN, BEN = uuid4(), uuid4()


def stretch(user_id: UUID, first: str, last: str = "9999-12-31") -> Stretch:
    return Stretch(user_id, date.fromisoformat(first), date.fromisoformat(last))


def week(user_id: UUID, first: str) -> Stretch:
    start = date.fromisoformat(first)
    return Stretch(user_id, start, start + timedelta(days=6))


@pytest.mark.parametrize(
    ("stays", "check_ins", "rate"),
    [
        ([], [], "0.00"),
        ([], [week(ANN, "2026-03-02")], "0.00"),
        ([stretch(ANN, "2025-01-01")], [], "0.00"),
        ([stretch(ANN, "2025-01-01")], [week(ANN, "2026-03-02")], "0.25"),
        ([stretch(ANN, "2026-03-15")], [week(ANN, "2026-03-09")], "0.50"),  # joined on a week's last day
        ([stretch(ANN, "2025-01-01", "2026-03-02")], [week(ANN, "2026-02-23")], "0.50"),  # left on a first day
        ([stretch(ANN, "2026-03-23")], [], "0.00"),  # the open week is no closed one
        ([stretch(ANN, "2025-01-01"), stretch(BEN, "2026-03-16")], [week(BEN, "2026-03-16")], "0.20"),  # 1 of 4 + 1
        ([stretch(ANN, "2026-02-23", "2026-02-24"), stretch(ANN, "2026-02-26")], [week(ANN, "2026-02-23")], "0.25"),
        ([stretch(ANN, "2026-02-23", "2026-03-01")], [week(ANN, "2026-02-23"), week(ANN, "2026-03-02")], "1.00"),
        ([stretch(ANN, "2026-03-16")], [stretch(ANN, "2026-03-16", "2026-03-16"), week(ANN, "2026-03-16")], "1.00"),
        ([stretch(ANN, "2025-01-01")], [stretch(ANN, "2026-03-02", "2026-03-15")], "0.50"),  # of a biweekly time
    ],
)
def test_it_is_members_who_checked_in_divided_by_members_present(
    stays: list[Stretch], check_ins: list[Stretch], rate: str
) -> None:
    assert participation_rate(WEEKS, stays, check_ins) == Decimal(rate)


def test_it_has_two_decimals_and_halves_are_rounded_up() -> None:
    eighth = closed_periods(NOW, "weekly", "UTC", count=8)
    third = closed_periods(NOW, "weekly", "UTC", count=3)

    def rate(periods: list[Period]) -> str:
        return str(participation_rate(periods, [stretch(ANN, "2020-01-01")], [week(ANN, "2026-03-16")]))

    assert (rate(eighth), rate(third)) == ("0.13", "0.33")


def joined(user: User, group: Group, first: str, last: str | None = None) -> None:
    """Make the person's only stay in the group one from noon to noon of these days."""
    MembershipSpan.objects.filter(membership__user=user, membership__group=group).update(
        joined_at=f"{first}T12:00:00Z", left_at=last and f"{last}T12:00:00Z"
    )


def rate_of(group: Group, now: datetime = NOW) -> Decimal:
    group.refresh_from_db()
    return participation_rates([group], now)[group.pk]


def test_only_the_last_twelve_closed_periods_count(alice: User, porch: Group) -> None:
    Membership.objects.exclude(user=alice).delete()
    joined(alice, porch, "2025-01-01")
    make_past_check_in(alice, porch, "2025-12-28")  # the thirteenth week back
    assert rate_of(porch) == 0

    make_past_check_in(alice, porch, "2025-12-29")  # the twelfth
    make_past_check_in(alice, porch, "2026-03-24")  # the open week
    assert rate_of(porch) == Decimal("0.08")


def test_a_member_is_present_from_the_first_check_in_if_that_is_before_joining(alice: User, porch: Group) -> None:
    Membership.objects.exclude(user=alice).delete()
    joined(alice, porch, "2026-03-16")
    assert rate_of(porch) == 0

    make_past_check_in(alice, porch, "2026-02-25")  # then 4 weeks present, with a gap of 3
    assert rate_of(porch) == Decimal("0.25")


def test_it_moves_the_beginning_of_the_first_stay_alone(alice: User, porch: Group) -> None:
    Membership.objects.exclude(user=alice).delete()
    joined(alice, porch, "2026-01-12", "2026-01-13")
    membership = Membership.objects.get()
    MembershipSpan.objects.create(membership=membership, joined_at="2026-03-16T12:00:00Z")
    make_past_check_in(alice, porch, "2026-01-06")

    assert rate_of(porch) == Decimal("0.33")  # of the weeks of 5 and 12 January and 16 March


def test_private_check_ins_count(alice: User, porch: Group) -> None:
    Membership.objects.exclude(user=alice).delete()
    joined(alice, porch, "2026-03-16")
    make_past_check_in(alice, porch, "2026-03-17", is_private=True)

    assert rate_of(porch) == 1


def test_days_are_those_of_the_groups_zone(alice: User) -> None:
    group = make_group(alice, timezone="Pacific/Kiritimati")
    MembershipSpan.objects.update(joined_at="2026-03-15T11:00:00Z")  # there it is Monday the 16th already
    make_past_check_in(alice, group, "2026-03-17")

    assert rate_of(group) == 1


@pytest.mark.parametrize(
    ("earlier", "later", "rate"),
    [
        ("weekly", "daily", "0.83"),  # 2026-03-13 to 24, of which the weeks of 9 and 16 March cover 10 days
        ("daily", "weekly", "1.00"),
        ("weekly", "biweekly", "1.00"),
    ],
)
def test_check_ins_of_an_earlier_frequency_count_for_what_they_cover(
    alice: User, earlier: str, later: str, rate: str
) -> None:
    group = make_group(alice, check_in_frequency=earlier)
    joined(alice, group, "2026-03-09")
    make_past_check_in(alice, group, "2026-03-10")
    make_past_check_in(alice, group, "2026-03-17")
    Group.objects.update(check_in_frequency=later)

    assert rate_of(group) == Decimal(rate)


def test_who_has_left_counts_until_then(alice: User, bob: User, porch: Group) -> None:
    joined(alice, porch, "2026-03-09")
    joined(bob, porch, "2026-03-09", "2026-03-11")
    Membership.objects.filter(user=bob).update(status=Status.INACTIVE)
    make_past_check_in(alice, porch, "2026-03-10")
    make_past_check_in(alice, porch, "2026-03-17")

    assert rate_of(porch) == Decimal("0.67")


def test_nobody_is_present_while_a_group_is_archived(alice: User, bob: User) -> None:
    def rate() -> Decimal:
        return participation_rates([group], timezone.now())[group.pk]

    with time_machine.travel(NOW, tick=False) as clock:
        charlie = make_user("charlie")
        group = make_group(alice, bob, charlie)
        leave_group(user=charlie, group_id=group.pk)
        make_check_in(alice, group)
        archive_group(group_id=group.pk)
        assert not MembershipSpan.objects.filter(left_at=None).exists()

        clock.shift(timedelta(weeks=3))
        restore_group(group_id=group.pk)
        present = MembershipSpan.objects.filter(left_at=None).values_list("membership__user", flat=True)
        assert sorted(present) == sorted([alice.pk, bob.pk])
        assert rate() == Decimal("0.33")  # one of the three who were there in the first week

        make_check_in(alice, group)
        clock.shift(timedelta(weeks=1))
        assert rate() == Decimal("0.40")  # and one of the two in the fourth


def test_whoever_was_present_all_along_is_not_present_twice(alice: User, porch: Group) -> None:
    Group.objects.filter(pk=porch.pk).update(is_active=False)  # by an earlier version
    before = MembershipSpan.objects.filter(left_at=None).count()
    restore_group(group_id=porch.pk)
    assert MembershipSpan.objects.filter(left_at=None).count() == before == 2


def test_a_refresh_writes_what_has_changed_and_only_that(alice: User, bob: User, porch: Group) -> None:
    joined(alice, porch, "2026-03-16")
    joined(bob, porch, "2026-03-16")
    make_past_check_in(alice, porch, "2026-03-17")
    before = Group.objects.get()
    with time_machine.travel(NOW, tick=False):
        for _ in range(2):
            refresh_participation(porch)
            assert porch.average_participation_rate == Decimal("0.50")

    after = Group.objects.get()
    assert (after.average_participation_rate, after.version) == (Decimal("0.50"), before.version + 1)


def test_an_ended_group_keeps_its_rate(porch: Group) -> None:
    Group.objects.update(is_active=False, average_participation_rate="0.75")
    porch.refresh_from_db()
    refresh_participation(porch)

    assert Group.objects.get().average_participation_rate == Decimal("0.75")


def test_it_takes_two_statements_however_many_groups_and_people_there_are(alice: User, porch: Group) -> None:
    guests = [make_user(f"guest_{number}") for number in range(5)]
    groups = [porch, *(make_group(alice, *guests, name=guest.username) for guest in guests)]
    for group in groups[1:]:
        for guest in guests:
            make_past_check_in(guest, group, "2026-03-03")

    with CaptureQueriesContext(connection) as captured:
        rates = participation_rates(groups, timezone.now())

    assert len(rates) == 6
    assert len(captured) == 2


def test_without_groups_there_are_no_rates(db: None) -> None:
    assert participation_rates([], NOW) == {}


def test_a_deleted_first_check_in_makes_the_stay_shorter(alice: User, bob: User, porch: Group) -> None:
    Membership.objects.exclude(user=alice).delete()
    joined(alice, porch, "2026-03-16")
    first = make_past_check_in(alice, porch, "2026-02-25")
    make_past_check_in(alice, porch, "2026-03-17")
    assert rate_of(porch) == Decimal("0.50")

    with time_machine.travel(NOW, tick=False):
        delete_check_in(user=alice, check_in_id=first.pk)

    porch.refresh_from_db()
    assert porch.average_participation_rate == 1
