"""Access codes."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from groups import services
from groups.access_codes import ALPHABET, new_access_code
from groups.models import Group
from groups.tests.builders import make_group
from groups.tests.traces import roles_in, traces


def test_a_code_is_eight_characters_without_look_alikes() -> None:
    codes = [new_access_code() for _ in range(2000)]

    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) == set(ALPHABET)
    assert not set(ALPHABET) & set("0O1IL5S2Z8B")
    assert ALPHABET.upper() == ALPHABET


def test_codes_differ() -> None:
    assert len({new_access_code() for _ in range(2000)}) == 2000


def test_whoever_knows_the_state_of_ordinary_chance_does_not_know_the_codes() -> None:
    random.seed(7)
    code = new_access_code()
    random.seed(7)
    assert new_access_code() != code


def test_no_two_groups_have_one_code(porch: Group) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Group.objects.create(name="The Garden", access_code=porch.access_code)
    assert Group.objects.get() == porch


def codes_in_turn(monkeypatch: pytest.MonkeyPatch, *codes: str) -> Iterator[str]:
    """Make chance draw these codes."""
    drawn = iter(codes)
    monkeypatch.setattr(services, "new_access_code", lambda: next(drawn))
    return drawn


def test_a_code_that_another_group_has_is_drawn_again(
    alice: User, porch: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes_in_turn(monkeypatch, porch.access_code, porch.access_code, "34679ACD")

    garden = make_group(alice, name="The Garden")

    assert garden.access_code == "34679ACD"
    assert set(Group.objects.all()) == {porch, garden}
    assert roles_in(garden) == {"alice": "admin"}


def test_a_new_code_for_a_group_is_drawn_again_too(alice: User, porch: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    garden = make_group(alice, name="The Garden")
    codes_in_turn(monkeypatch, porch.access_code, "34679ACD")

    assert services.renew_access_code(user=alice, group_id=garden.pk) == "34679ACD"
    assert Group.objects.get(pk=garden.pk).access_code == "34679ACD"


def test_it_is_not_drawn_for_ever(alice: User, porch: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    before = traces()
    left_over = codes_in_turn(monkeypatch, *[porch.access_code] * 6)

    with pytest.raises(IntegrityError):
        services.create_group(user=alice, name="The Garden")

    assert len(list(left_over)) == 1
    assert traces() == before
