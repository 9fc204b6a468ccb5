"""Access codes."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from groups.access_codes import ALPHABET, new_access_code
from groups.models import Group
from groups.tests.builders import make_group


def test_a_code_is_eight_characters_without_look_alikes() -> None:
    codes = [new_access_code() for _ in range(2000)]

    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) == set(ALPHABET)
    assert not set(ALPHABET) & set("0O1IL5S2Z8B")
    assert ALPHABET.upper() == ALPHABET


def test_codes_differ() -> None:
    assert len({new_access_code() for _ in range(2000)}) == 2000


def test_no_two_groups_have_one_code(alice: User, porch: Group) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_group(alice, access_code=porch.access_code)
    assert Group.objects.get() == porch
