"""Whoever locks several groups locks them in one order, so that no two people wait for each other for ever."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection

from accounts.erasure import erase_person
from accounts.models import User
from accounts.services import update_profile
from groups.models import Group
from groups.tests.builders import make_group
from hucares.tests.racing import behind_lock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_servers]
FIRST, LAST = UUID(int=1), UUID(int=2**128 - 1)


def keep_scores_private(user: User) -> None:
    update_profile(user=user, privacy_settings={"scores": "private"})


@pytest.mark.parametrize("verb", [keep_scores_private, erase_person])
def test_who_waits_for_the_first_group_has_not_locked_the_last(alice: User, verb: Callable[[User], object]) -> None:
    # The last is made first: where nobody asks for an order, a database takes rows as they lie.
    for key in (LAST, FIRST):
        make_group(alice, id=key)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # so that it knows that there are few, and reads them all

    def lock_the_last() -> None:
        Group.objects.select_for_update(no_key=True, nowait=True).get(pk=LAST)

    behind_lock(Group.objects.filter(pk=FIRST), lock_the_last, lambda: verb(alice)).result()
