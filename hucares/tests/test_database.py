"""Rows in bulk, and transactions that take turns."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from hucares.database import insert_rows, take_turns
from hucares.tests.racing import at_once

CheckIn = apps.get_model("checkins", "CheckIn")


def check_in(user: Any, group: Any, day: str, **columns: Any) -> Any:
    """A check-in that is not saved, with something in every column."""
    common = {"reflection_note": 'Zäh, "aber" gut.\n\\ %s 🌤️', "mood_emoji": None, "energy_level": 4, "is_private": True}
    scores = {"productive_score": 8, "satisfied_score": 7, "body_score": 6, "care_score": 9}
    moments = dict.fromkeys(("closes_at", "check_in_date", "submitted_at", "updated_at"), timezone.now())
    days = {"week_start_date": day, "period_end": day}
    return CheckIn(user=user, group=group, **{**common, **scores, **moments, **days, **columns})


def columns_of(row: Any) -> dict[str, Any]:
    """Everything in a row but what must differ."""
    values: dict[str, Any] = CheckIn.objects.filter(pk=row.pk).values().get()
    return {name: value for name, value in values.items() if name not in {"id", "week_start_date", "period_end"}}


def test_rows_inserted_at_once_are_like_saved_ones(alice: Any, porch: Any) -> None:
    inserted, saved = check_in(alice, porch, "2026-03-02"), check_in(alice, porch, "2026-03-09")
    insert_rows([inserted])
    saved.save()
    CheckIn.objects.filter(pk=saved.pk).update(updated_at=inserted.updated_at)  # which `save` sets to now
    for name in ("closes_at", "check_in_date", "submitted_at"):
        CheckIn.objects.filter(pk=saved.pk).update(**{name: getattr(inserted, name)})

    assert columns_of(inserted) == columns_of(saved)
    assert columns_of(inserted)["hu_cares_score"] == 12
    assert CheckIn.objects.get(user_id=alice.pk, week_start_date="2026-03-02", is_private=True).pk == inserted.pk


def test_json_is_inserted_like_anything_else(db: None) -> None:
    Mail = apps.get_model("accounts", "OutgoingMail")
    data = {"name": 'Zäh, "aber" gut.\n\\ %s 🌤️', "none": None, "number": 1.5, "list": [[True, "a"], {}]}
    rows = [Mail(kind="tests", email="a@new.example", data=data), Mail(kind="tests", email="b@new.example", data={})]
    insert_rows(rows)

    assert [Mail.objects.get(pk=row.pk).data for row in rows] == [data, {}]
    assert Mail.objects.filter(data__number=1.5).get() == rows[0]


def test_of_rows_one_of_which_cannot_be_none_is_inserted(alice: Any, porch: Any) -> None:
    rows = [check_in(alice, porch, "2026-03-02"), check_in(alice, porch, "2026-03-09", body_score=11)]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(rows)

    assert not CheckIn.objects.exists()


@pytest.mark.needs_servers  # SQLite knows no lengths
def test_a_text_that_is_too_long_is_refused_and_not_cut_off(alice: Any, porch: Any) -> None:
    with pytest.raises(DataError), transaction.atomic():
        insert_rows([check_in(alice, porch, "2026-03-02", mood_emoji="x" * 11)])

    assert not CheckIn.objects.exists()


def test_no_rows_are_no_statement(alice: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        insert_rows([])


@pytest.mark.django_db(transaction=True)
def test_transactions_of_one_name_take_turns() -> None:
    inside: list[int] = []

    def turn(number: int) -> bool:
        with transaction.atomic():
            take_turns("tests")
            inside.append(number)
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM users")
            alone = inside == [number]
            inside.remove(number)
        return alone

    assert at_once(8, turn) == [True] * 8
