"""Identifiers that sort by time."""

from __future__ import annotations

import uuid

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import connection

from hucares.ids import uuid7


def test_it_is_a_uuid_of_version_seven() -> None:
    made = [uuid7() for _ in range(1000)]

    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {uuid.RFC_4122}
    assert len(set(made)) == 1000


def test_it_begins_with_the_time_in_milliseconds() -> None:
    with time_machine.travel("2026-03-04T12:00:00.789Z", tick=False):
        assert uuid7().int >> 80 == 1_772_625_600_789


def test_a_later_one_sorts_after_an_earlier_one() -> None:
    with time_machine.travel("2026-03-04T12:00:00Z", tick=False) as clock:
        made = []
        for _ in range(100):
            made.append(uuid7())
            clock.shift(0.001)

    assert made == sorted(made)
    assert [str(one) for one in made] == sorted(str(one) for one in made)


def test_the_random_bits_are_all_used() -> None:
    with time_machine.travel("2026-03-04T12:00:00Z", tick=False):
        made = [uuid7().int for _ in range(500)]
    ever, always = 0, -1
    for one in made:
        ever, always = ever | one, always & one

    assert (ever ^ always).bit_count() == 74


@pytest.mark.django_db
def test_the_database_makes_ids_too_for_rows_that_django_does_not_insert() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO users (username, email, password_hash, is_superuser) VALUES (%s, %s, %s, %s)",
            ["raw", "raw@example.com", "", False],
        )
    row = get_user_model().objects.get(username="raw")
    assert row.pk.int > 0
    assert (row.timezone, row.is_active, row.privacy_settings["scores"]) == ("UTC", True, "group")
