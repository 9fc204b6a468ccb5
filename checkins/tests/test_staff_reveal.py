"""Check-ins in the admin: masked where somebody keeps them, and shown for a reason that is kept."""

from __future__ import annotations

import pytest

from accounts.models import User
from accounts.roles import MODERATOR, SUPPORT
from accounts.tests.staff import OF_SIGNING_IN, WHY, act, browser, entries, make_staff, told
from checkins.admin import MASKED
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.models import Group
from hucares.tests.snapshots import changes, snapshot

LIST = "/admin/checkins/checkin/"
NOTE = "a quiet week\nand a long one"
SCORE = 8 + 7 + 6 - 9


@pytest.fixture
def moderator(db: None) -> User:
    return make_staff(MODERATOR)


def shown(staff: User, check_in: CheckIn) -> list[str]:
    """What stands in the row of the list, and on the page."""
    client = browser(staff)
    return [client.get(address).content.decode() for address in (LIST, f"{LIST}{check_in.pk}/change/")]


def test_numbers_that_the_group_sees_are_shown_and_notes_are_not(moderator: User, alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch, reflection_note=NOTE)

    in_list, on_page = shown(moderator, check_in)

    assert f'<td class="field-masked_hu_cares_score">{SCORE}</td>' in in_list
    assert "a quiet week" not in in_list + on_page
    assert on_page.count(MASKED) == 1


@pytest.mark.parametrize("by", ["check-in", "person"])
def test_numbers_that_somebody_keeps_are_masked(moderator: User, alice: User, porch: Group, by: str) -> None:
    if by == "person":
        alice.privacy_settings["scores"] = "private"
        alice.save()
    check_in = make_check_in(alice, porch, mood_emoji="🌧", energy_level=5, is_private=by == "check-in")

    in_list, on_page = shown(moderator, check_in)

    assert f'<td class="field-masked_hu_cares_score">{MASKED}</td>' in in_list
    assert "🌧" not in in_list + on_page
    assert on_page.count(MASKED) == 7  # five scores, the energy, the mood; there is no note


def test_a_moderator_who_says_why_sees_it_and_that_is_kept(moderator: User, alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch, reflection_note=NOTE, mood_emoji="🌧", is_private=True)

    page = act(moderator, "reveal", check_in)

    text = page.content.decode()
    assert "a quiet week<br>and a long one" in text
    assert "🌧" in text
    assert f"<td>{SCORE}</td>" in text
    assert entries("staff_id", "action", "subject_type", "subject_id", "reason", "before", "after") == [
        (moderator.pk, "reveal check-in", "users", alice.pk, WHY, None, {"check_in_id": str(check_in.pk)})
    ]


def test_without_a_reason_and_for_support_it_stays_masked(moderator: User, alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch, reflection_note=NOTE)
    support = make_staff(SUPPORT)
    before = snapshot()

    for page in (act(moderator, "reveal", check_in, reason=" "), act(support, "reveal", check_in)):
        assert "a quiet week" not in page.content.decode()

    assert changes(before, snapshot()).keys() <= OF_SIGNING_IN


def test_one_at_a_time(moderator: User, alice: User, bob: User, porch: Group) -> None:
    rows = [make_check_in(person, porch, reflection_note=NOTE) for person in (alice, bob)]

    assert told(act(moderator, "reveal", *rows)) == ["Show what is masked: choose one row."]
    assert entries("action") == []
