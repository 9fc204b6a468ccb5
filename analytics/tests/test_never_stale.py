"""Figures are remembered, and nothing that happens leaves one that is no longer true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.erasure import erase_person
from accounts.models import User
from accounts.services import update_profile
from accounts.tests.builders import make_user, signed_in
from analytics.tests.builders import NOW, asked, make_week, stayed
from checkins.importing import import_local_storage
from checkins.services import change_check_in, delete_check_in
from checkins.tests.builders import make_check_in
from checkins.tests.legacy import export_of, old_record
from groups.members import change_member, join_group, leave_group, remove_member
from groups.models import Group
from groups.services import archive_group, update_group
from groups.tests.builders import make_group, make_member
from hucares.tests.forgetting import forget_figures

# Now, when the next week has begun in the east and then but for the west, and in the middle of the next week.
INSTANTS = (NOW, "2026-03-29T12:00:00Z", "2026-03-30T03:00:00Z", "2026-04-01T12:00:00Z")


class Porch:
    """Alice, Bob, Carol and Dan on the porch; Alice asks for everything again and again."""

    def __init__(self, alice: User, bob: User, group: Group) -> None:
        self.alice, self.bob, self.group = alice, bob, group
        self.carol, self.dan = make_member("carol", group), make_member("dan", group)
        people = (alice, bob, self.carol, self.dan)
        for number, person in enumerate(people):
            stayed(person, group, "2026-03-02")
            make_week(person, group, 1, productive_score=number + 3)
        # Enough for insights: Alice's weeks get better, and she cares more than the others.
        for weeks_ago in range(2, 11):
            make_week(alice, group, weeks_ago, productive_score=11 - weeks_ago, care_score=9)
            for friend in (bob, self.carol):
                make_week(friend, group, weeks_ago, care_score=2)
        with time_machine.travel(NOW, tick=False):
            self.check_in = make_check_in(bob, group)
            self.own = make_check_in(alice, group)

    def paths(self) -> list[str]:
        """Every kind of figure."""
        one = f"groupId={self.group.pk}"
        asked = ("personal", "comparison", "insights")
        return [f"group/{self.group.pk}", *asked, *(f"{path}?{one}" for path in asked)]

    def look(self, now: str = NOW) -> dict[str, Any]:
        """All figures, as they are remembered."""
        client = client_at(now, self.alice)
        return {path: asked(client, path, now) for path in self.paths()}

    def look_ahead(self) -> list[dict[str, Any]]:
        """All figures at each of the instants."""
        return [self.look(now) for now in INSTANTS]


def client_at(now: str, user: User) -> APIClient:
    """A client of somebody who signs in at an instant."""
    with time_machine.travel(now, tick=False):
        return signed_in(user)


@pytest.fixture
def scene(alice: User, bob: User, porch: Group) -> Porch:
    return Porch(alice, bob, porch)


def a_friend_checks_in(scene: Porch) -> None:
    make_check_in(scene.carol, scene.group)


def a_friend_changes_an_answer(scene: Porch) -> None:
    change_check_in(user=scene.bob, check_in_id=scene.check_in.pk, productive_score=1)


def a_friend_makes_a_check_in_private(scene: Porch) -> None:
    change_check_in(user=scene.bob, check_in_id=scene.check_in.pk, is_private=True)


def a_friend_takes_a_check_in_back(scene: Porch) -> None:
    delete_check_in(user=scene.bob, check_in_id=scene.check_in.pk)


def a_friend_keeps_scores_private(scene: Porch) -> None:
    update_profile(user=scene.bob, privacy_settings={"scores": "private"})


def a_friend_imports_history(scene: Porch) -> None:
    data = export_of(old_record(week="2026-01-05"))
    import_local_storage(user=scene.carol, data=data, group_id=scene.group.pk)


def a_friend_leaves(scene: Porch) -> None:
    leave_group(user=scene.bob, group_id=scene.group.pk)


def a_friend_is_removed(scene: Porch) -> None:
    remove_member(user=scene.alice, group_id=scene.group.pk, member_id=scene.bob.pk)


def a_friend_is_banned(scene: Porch) -> None:
    change_member(user=scene.alice, group_id=scene.group.pk, member_id=scene.bob.pk, status="banned")


def a_friend_is_banned_and_let_back_in(scene: Porch) -> None:
    a_friend_is_banned(scene)
    change_member(user=scene.alice, group_id=scene.group.pk, member_id=scene.bob.pk, status="active")


def a_friend_leaves_and_comes_back(scene: Porch) -> None:
    a_friend_leaves(scene)
    join_group(user=scene.bob, access_code=scene.group.access_code)


def a_friend_takes_another_name(scene: Porch) -> None:
    update_profile(user=scene.bob, username="robert")


def a_friend_is_deactivated(scene: Porch) -> None:
    User.objects.filter(pk=scene.bob.pk).update(is_active=False)


def a_friend_is_erased(scene: Porch) -> None:
    erase_person(scene.bob)


def somebody_joins(scene: Porch) -> None:
    make_member("eve", scene.group)


def one_changes_an_answer(scene: Porch) -> None:
    change_check_in(user=scene.alice, check_in_id=scene.own.pk, care_score=1)


def one_takes_a_check_in_back(scene: Porch) -> None:
    delete_check_in(user=scene.alice, check_in_id=scene.own.pk)


def one_moves(scene: Porch) -> None:
    update_profile(user=scene.alice, timezone="Pacific/Kiritimati")


def one_checks_in_elsewhere(scene: Porch) -> None:
    make_check_in(scene.alice, make_group(scene.alice, name="The Garden"), productive_score=1)


def the_group_moves(scene: Porch) -> None:
    update_group(user=scene.alice, group_id=scene.group.pk, timezone="America/Los_Angeles")


def the_group_becomes_daily(scene: Porch) -> None:
    update_group(user=scene.alice, group_id=scene.group.pk, check_in_frequency="daily")


HAPPENINGS = [
    a_friend_checks_in,
    a_friend_changes_an_answer,
    a_friend_makes_a_check_in_private,
    a_friend_takes_a_check_in_back,
    a_friend_keeps_scores_private,
    a_friend_imports_history,
    a_friend_leaves,
    a_friend_is_removed,
    a_friend_is_banned,
    a_friend_is_erased,
    somebody_joins,
    one_changes_an_answer,
    one_takes_a_check_in_back,
    one_moves,
    one_checks_in_elsewhere,
    the_group_moves,
    the_group_becomes_daily,
]
# After these the figures may be as they were.
SMALL_HAPPENINGS = [
    a_friend_is_banned_and_let_back_in,
    a_friend_leaves_and_comes_back,
    a_friend_takes_another_name,
    a_friend_is_deactivated,
]


@pytest.mark.parametrize("happening", [*HAPPENINGS, *SMALL_HAPPENINGS])
def test_what_is_shown_next_is_what_would_be_worked_out_anew(scene: Porch, happening: Callable[[Porch], None]) -> None:
    before = scene.look_ahead()
    with time_machine.travel(NOW, tick=False):
        happening(scene)
    after = scene.look_ahead()

    forget_figures()
    assert after == scene.look_ahead()
    assert after != before or happening in SMALL_HAPPENINGS


def test_insights_follow_what_others_no_longer_share(scene: Porch) -> None:
    def kinds() -> set[str]:
        return {one["kind"] for one in scene.look()[f"insights?groupId={scene.group.pk}"]}

    assert "group_gap" in kinds()
    a_friend_keeps_scores_private(scene)
    assert "group_gap" not in kinds()


@time_machine.travel(NOW, tick=False)
def test_in_the_open_week_a_day_that_passes_closes_the_periods_of_a_daily_group(scene: Porch) -> None:
    one_takes_a_check_in_back(scene)  # which is about all days of its week
    update_group(user=scene.alice, group_id=scene.group.pk, check_in_frequency="daily")
    rates = {scene.look(f"2026-03-{day}T12:00:00Z")["personal"]["participationRate"] for day in range(24, 30)}

    assert len(rates) > 3


def test_what_nothing_has_happened_to_is_not_worked_out_again(scene: Porch) -> None:
    scene.look()
    with CaptureQueriesContext(connection) as captured:
        scene.look()

    assert not [query for query in captured.captured_queries if 'FROM "check_ins"' in query["sql"]]


def test_a_friends_check_in_is_nothing_to_ones_own_figures(scene: Porch) -> None:
    scene.look()
    with time_machine.travel(NOW, tick=False):
        make_check_in(scene.carol, scene.group)
    with CaptureQueriesContext(connection) as captured:
        asked(client_at(NOW, scene.alice), "personal")

    assert not [query for query in captured.captured_queries if 'FROM "check_ins"' in query["sql"]]


def test_nobody_is_shown_what_was_worked_out_for_somebody_else(scene: Porch) -> None:
    mine = scene.look()
    theirs = {path: asked(client_at(NOW, scene.bob), path) for path in scene.paths()}

    group = f"group/{scene.group.pk}"
    assert theirs[group] == mine[group]
    assert all(theirs[path] != mine[path] for path in mine if path != group)


def test_a_stranger_to_the_group_is_not_shown_what_is_remembered(scene: Porch) -> None:
    scene.look()
    stranger = client_at(NOW, make_user("stranger"))

    with time_machine.travel(NOW, tick=False):
        for path in scene.paths():
            expected = 200 if path in ("personal", "comparison", "insights") else 404
            assert stranger.get(f"/api/v1/analytics/{path}").status_code == expected


def test_when_the_group_has_ended_its_figures_are_gone(scene: Porch) -> None:
    scene.look()
    client = client_at(NOW, scene.alice)
    with time_machine.travel(NOW, tick=False):
        archive_group(user=scene.alice, group_id=scene.group.pk)

        assert client.get(f"/api/v1/analytics/group/{scene.group.pk}").status_code == 404
        assert asked(client, "comparison")["measures"]["care"]["you"] is None
        assert asked(client, "personal")["participationRate"] is None
