"""What an import sees that had to wait for somebody who was changing the group."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any
from uuid import UUID

import pytest

from accounts.models import User
from checkins.importing import Report, import_local_storage
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from checkins.tests.legacy import export_of, old_record, old_weeks
from groups.models import Group, Membership, Status
from hucares.errors import NotFound
from hucares.tests.racing import behind_lock

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs_servers,
    pytest.mark.usefixtures("wednesday"),
]


def import_behind(change: Callable[[], object], user: User, locked: UUID, data: Any, **target: Any) -> Future[Report]:
    """An import that waits for the group's lock before `change` is made and committed."""
    rows = Group.objects.filter(pk=locked)
    return behind_lock(rows, change, lambda: import_local_storage(user=user, data=data, **target))


def test_it_is_refused_when_the_person_is_out_meanwhile(alice: User, porch: Group) -> None:
    leaving = Membership.objects.filter(user=alice, group=porch)
    data = export_of(old_record())
    refused = import_behind(lambda: leaving.update(status=Status.INACTIVE), alice, porch.pk, data, group_id=porch.pk)

    assert isinstance(refused.exception(), NotFound)
    assert not CheckIn.objects.exists()


def test_it_leaves_a_week_alone_that_is_taken_meanwhile(alice: User, porch: Group) -> None:
    data = export_of(old_record("2026-03-02T00:00:00.000Z"))
    report = import_behind(lambda: make_check_in(alice, porch), alice, porch.pk, data, group_id=porch.pk).result()

    assert [row.outcome.value for row in report.rows] == ["skipped"]
    assert Group.objects.get(pk=porch.pk).total_check_ins == CheckIn.objects.count() == 1


@pytest.mark.parametrize("change", [{"member_count": 2}, {"is_private": False}, {"is_active": False}])
def test_it_goes_elsewhere_when_the_group_is_no_longer_ones_own(alice: User, change: dict[str, Any]) -> None:
    first = import_local_storage(user=alice, data=export_of(*old_weeks(2)))
    assert first.group_id
    own = Group.objects.filter(pk=first.group_id)
    later = import_behind(lambda: own.update(**change), alice, first.group_id, export_of(*old_weeks(5))).result()

    assert later.group_id != first.group_id
    assert own.get().total_check_ins == 2
    assert CheckIn.objects.filter(group=later.group_id).count() == 3
