"""POST /checkins/import without a group: where it goes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.models import User
from checkins.tests.legacy import (
    dump_of,
    export_of,
    nothing_changes,
    old_record,
    old_weeks,
    own_group,
    send,
)
from groups.models import Group, Membership, Status

pytestmark = pytest.mark.usefixtures("wednesday")


def test_it_is_a_private_one_named_after_the_old_group_with_most_records(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(timezone="Asia/Tokyo")
    records = [*old_weeks(3, groupId="b"), *old_weeks(2, date(2025, 1, 6), groupId="a")]
    report = send(alice, export_of(*records, groups=[{"id": "a", "name": "A"}, {"id": "b", "name": "Bees"}]))

    group = own_group(report)
    assert (group.name, group.is_private, group.timezone, group.check_in_frequency) == (
        "Bees",
        True,
        "Asia/Tokyo",
        "weekly",
    )
    assert (group.member_count, group.total_check_ins, group.created_by_id) == (1, 5, alice.pk)
    membership = Membership.objects.get()
    assert (membership.user_id, membership.role) == (alice.pk, "admin")


@pytest.mark.parametrize("groups", [[], None, "[", [{"id": "default-group"}], [{"id": "other", "name": "Other"}]])
def test_without_a_name_it_is_my_check_ins(alice: User, groups: Any) -> None:
    assert own_group(send(alice, export_of(old_record(), groups=groups))).name == "My check-ins"


def test_a_dump_finds_its_group_too(alice: User) -> None:
    assert own_group(send(alice, dump_of(old_record()))).name == "Sunday Circle"


def test_a_later_file_goes_to_the_same_group(alice: User) -> None:
    first = send(alice, export_of(*old_weeks(3)))
    second = send(alice, export_of(*old_weeks(6)))

    assert (second["imported"], second["alreadyImported"]) == (3, 3)
    assert first["groupId"] == second["groupId"]
    assert Group.objects.get().total_check_ins == 6


@pytest.mark.parametrize("change", [{"is_private": False}, {"member_count": 2}, {"is_active": False}])
def test_but_not_if_others_could_read_it_there_or_it_has_ended(alice: User, change: dict[str, Any]) -> None:
    first = send(alice, export_of(*old_weeks(3)))
    Group.objects.update(**change)
    second = send(alice, export_of(*old_weeks(6)))

    assert second["groupId"] != first["groupId"]
    assert (second["imported"], second["alreadyImported"]) == (3, 3)


def test_nor_to_one_that_the_person_has_left(alice: User) -> None:
    first = send(alice, export_of(*old_weeks(3)))
    Membership.objects.update(status=Status.INACTIVE)

    assert send(alice, export_of(*old_weeks(6)))["groupId"] != first["groupId"]


def test_nor_to_a_shared_one_that_an_earlier_file_was_meant_for(alice: User, porch: Group) -> None:
    send(alice, export_of(*old_weeks(3)), groupId=str(porch.pk))

    assert send(alice, export_of(*old_weeks(6)))["groupId"] != str(porch.pk)


@pytest.mark.parametrize("records", [[], [old_record(body=0)], [old_record(groupId="group-family")]])
def test_there_is_none_for_nothing(alice: User, records: list[Any]) -> None:
    with nothing_changes():
        report = send(alice, export_of(*records))

    assert (report["groupId"], report["skipped"]) == (None, len(records))
