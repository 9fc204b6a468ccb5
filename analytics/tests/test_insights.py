"""GET /analytics/insights."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from analytics.tests.builders import URL, ask, make_week, make_weeks
from checkins.tests.builders import make_past_check_in
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group, make_member
from hucares.tests.answers import refusal_of, refused_fields

FALL: list[int | None] = [10, 10, 9, 9, 8, 7, 7, 6, 5, 4, 3, 2]


def insights(user: User, **query: Any) -> dict[str, dict[str, Any]]:
    """The insights by kind and measure."""
    return {f"{one['kind']} {one['measure']}": one for one in ask(user, "insights", **query)}


def test_a_sustained_fall_is_told_with_its_evidence_and_in_kind_words(alice: User, porch: Group) -> None:
    make_weeks(alice, porch, FALL)

    assert insights(alice)["trend productive"] == {
        "kind": "trend",
        "measure": "productive",
        "direction": "down",
        "title": "Your weeks have been getting less productive",
        "message": "It has fallen by about 8.2 points over 12 weeks. There may be good reasons for it. If it weighs on "
        "you, talking to somebody you trust can help.",
        "evidence": {
            "n": 12,
            "window": {"from": "2026-01-05", "to": "2026-03-29", "weeks": 12},
            "method": "Theil-Sen slope per week, Mann-Kendall test",
            "value": -0.75,
            "pValue": pytest.approx(0, abs=0.001),
        },
        "source": "statistics",
    }


def test_a_change_of_level_is_told_with_its_week(alice: User, porch: Group) -> None:
    make_weeks(alice, porch, [4, 5, 4, 5, 4, 4, 5, 8, 9, 8, 9, 8, 8, 9])

    found = insights(alice, weeks=20)["level_change productive"]

    assert found["title"] == "Your productive answers have been higher since 9 February"
    assert found["message"].startswith("Since the week of 9 February it has mostly been around 8, and around 4 before.")
    assert (found["direction"], found["evidence"]["value"]) == ("up", 4)


def test_when_caring_moves_the_score_it_is_said_kindly(alice: User, porch: Group) -> None:
    for weeks_ago in range(12):
        make_week(
            alice, porch, weeks_ago, productive_score=6, satisfied_score=6, body_score=6, care_score=10 - weeks_ago // 2
        )

    found = insights(alice)

    assert "trend hu_cares" not in found
    told = found["score_and_care huCares"]
    assert told["direction"] == "down"
    assert told["title"] == "Your HuCares score is lower, mostly because you care about more outside yourself"
    assert "Caring is subtracted in the score" in told["message"]
    assert found["trend care"]["direction"] == "up"


def test_a_streak_is_told_when_it_has_come_to_a_milestone(alice: User, porch: Group) -> None:
    make_weeks(alice, porch, [5, 5, 5])
    assert insights(alice) == {}

    make_week(alice, porch, 3, productive_score=5)
    told = insights(alice)["streak None"]
    assert told["title"] == "4 weeks in a row, and counting"
    assert (
        told["message"]
        == "You have checked in 4 weeks in a row. It is your longest so far. It is good to have you here."
    )
    assert (told["evidence"]["n"], told["evidence"]["value"], told["evidence"]["pValue"]) == (4, 4, None)


def test_a_streak_in_a_daily_group_is_one_of_days(alice: User) -> None:
    group = make_group(alice, check_in_frequency="daily")
    for day in range(18, 26):
        make_past_check_in(alice, group, f"2026-03-{day}")

    assert insights(alice, groupId=str(group.pk))["streak None"]["title"] == "8 days in a row, and counting"
    assert "streak None" not in insights(alice)


def test_a_streak_over_a_change_of_frequency_is_one_of_check_ins(alice: User) -> None:
    group = make_group(alice, check_in_frequency="daily")
    for day in range(10, 16):
        make_past_check_in(alice, group, f"2026-03-{day}")
    Group.objects.filter(pk=group.pk).update(check_in_frequency="weekly")
    group.refresh_from_db()
    make_past_check_in(alice, group, "2026-03-17")

    told = insights(alice, groupId=str(group.pk))["streak None"]

    assert told["title"] == "7 check-ins in a row, and counting"
    assert told["message"].startswith("You have made 7 check-ins in a row.")


def test_in_a_group_it_is_told_how_one_differs_from_the_others_and_nobody_is_named(
    alice: User, bob: User, porch: Group
) -> None:
    others = [bob, make_member("carol", porch)]
    for weeks_ago in range(12):
        make_week(alice, porch, weeks_ago, care_score=9 - weeks_ago % 2)
        for other in others:
            make_week(other, porch, weeks_ago, care_score=3 + weeks_ago % 3)

    told = insights(alice, groupId=str(porch.pk))["group_gap care"]

    assert told["direction"] == "up"
    assert told["evidence"]["value"] == pytest.approx(4.5)
    assert "not to compete in" in told["message"]
    assert not [name for name in ("alice", "bob", "carol") if name in f"{told}"]
    assert "group_gap care" not in insights(alice)


def test_what_others_keep_private_tells_nothing(alice: User, bob: User, porch: Group) -> None:
    carol = make_member("carol", porch)
    for weeks_ago in range(12):
        make_week(alice, porch, weeks_ago, care_score=9)
        make_week(bob, porch, weeks_ago, care_score=3)
        make_week(carol, porch, weeks_ago, care_score=3, is_private=True)

    assert "group_gap care" not in insights(alice, groupId=str(porch.pk))


def test_they_are_in_the_order_of_their_strength(alice: User, porch: Group) -> None:
    make_weeks(alice, porch, FALL)

    kinds = [one["kind"] for one in ask(alice, "insights")]
    assert kinds == ["trend", "trend", "streak"]


def test_of_nothing_nothing_is_said(charlie: User) -> None:
    assert ask(charlie, "insights") == []


def test_private_check_ins_of_ones_own_are_looked_at(alice: User, porch: Group) -> None:
    make_weeks(alice, porch, FALL, is_private=True)

    assert "trend productive" in insights(alice)


def test_weeks_before_the_range_are_not_looked_at(alice: User, porch: Group) -> None:
    make_weeks(alice, porch, FALL)

    assert "trend productive" not in insights(alice, weeks=5)


def test_a_group_of_others_is_not_found(bob: User, charlie: User, porch: Group) -> None:
    Membership.objects.filter(user=bob).update(status=Status.INACTIVE)
    nowhere = refusal_of(signed_in(charlie).get(f"{URL}/insights", {"groupId": str(uuid4())}), 404, "NOT_FOUND")

    for outsider in (bob, charlie):
        response = signed_in(outsider).get(f"{URL}/insights", {"groupId": str(porch.pk)})
        assert refusal_of(response, 404, "NOT_FOUND") == nowhere


@pytest.mark.parametrize(("name", "value"), [("weeks", "0"), ("weeks", "105"), ("weeks", "x"), ("groupId", "porch")])
def test_what_does_not_fit_is_refused_by_name(alice: User, name: str, value: str) -> None:
    assert refused_fields(signed_in(alice).get(f"{URL}/insights", {name: value})) == {name}


def test_without_credentials_it_is_refused(anonymous: APIClient, db: None) -> None:
    refusal_of(anonymous.get(f"{URL}/insights"), 401, "NOT_AUTHENTICATED")
