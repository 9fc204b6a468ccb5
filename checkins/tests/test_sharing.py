"""What SQL and Python say of who sees a check-in's numbers is the same."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.models import Group

PRIVACY = [
    {},
    {"profile": "private"},
    {"scores": "group"},
    {"scores": "private"},
    {"scores": None},
    {"profile": "friends", "scores": "private", "modelInsights": True},
]


@pytest.mark.parametrize("is_private", [False, True])
@pytest.mark.parametrize("privacy", PRIVACY)
def test_a_check_in_shares_its_numbers_or_hides_them(
    alice: User, bob: User, porch: Group, is_private: bool, privacy: dict[str, Any]
) -> None:
    check_in = make_check_in(alice, porch, is_private=is_private)
    make_check_in(bob, porch)
    User.objects.filter(pk=alice.pk).update(privacy_settings=privacy)
    found = CheckIn.objects.with_author().get(pk=check_in.pk)

    shared, hidden = (
        CheckIn.objects.with_sharing().filter(shares_numbers=shares, user=alice) for shares in (True, False)
    )
    assert (list(shared), list(hidden)) == (([], [found]) if found.hides_numbers else ([found], []))
    assert found.hides_numbers == found.is_hidden_from(bob)
