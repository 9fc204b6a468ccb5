"""Where there is nothing, nothing is found; what was planted is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest

from analytics.insights.findings import (
    CORRELATION,
    GROUP_GAP,
    LEVEL_CHANGE,
    SCORE_AND_CARE,
    SEASON,
    TREND,
    UNUSUAL_WEEK,
    WEEKDAY,
    Evidence,
    Finding,
)
from analytics.insights.history import History
from analytics.insights.rules import score_and_care
from analytics.insights.search import findings_in
from analytics.insights.wording import words_for
from analytics.measures import ANSWERS, MEASURES
from analytics.statistics.changes import pettitt
from analytics.statistics.ranks import holm
from analytics.statistics.trends import mann_kendall
from analytics.tests.histories import Answers, make_history, score
from analytics.weeks import Weeks

LENGTHS = (8, 10, 12, 20, 26, 52)
PLANTED_WEEKS = 52
MOVEMENT = {TREND, LEVEL_CHANGE, CORRELATION, SCORE_AND_CARE}


def test_of_a_thousand_histories_of_chance_hardly_any_has_a_finding() -> None:
    found = Counter[str]()
    for seed in range(1000):
        kinds = {one.kind for one in findings_in(make_history(seed, LENGTHS[seed % len(LENGTHS)]))}
        found.update(kinds)
        found["movement"] += bool(kinds & MOVEMENT)

    assert found["movement"] <= 50
    assert all(found[kind] <= 50 for kind in (UNUSUAL_WEEK, WEEKDAY, SEASON, GROUP_GAP))


def test_nor_has_one_of_daily_check_ins_or_beside_others() -> None:
    found = Counter[str]()
    for seed in range(300):
        random, history = Random(seed), make_history(seed, 12)
        mondays = list(history.weeks.mondays())
        history.days = [(monday + timedelta(days=day), random.gauss(12, 4)) for monday in mondays for day in range(7)]
        history.beside = {name: [(random.gauss(6, 1), random.gauss(6, 1)) for _ in mondays] for name in MEASURES}
        found.update({one.kind for one in findings_in(history)} & {WEEKDAY, GROUP_GAP})

    assert found[WEEKDAY] <= 15
    assert found[GROUP_GAP] <= 15


def rising(answers: Answers, week: int) -> None:
    answers["satisfied"] += 0.11 * (week - 26)


def falling(answers: Answers, week: int) -> None:
    answers["body"] -= 0.11 * (week - 26)


def another_level(answers: Answers, week: int) -> None:
    answers["productive"] += 2 if week >= 24 else -2


def level_in_the_end(answers: Answers, week: int) -> None:
    answers["body"] += 3 if week >= 6 else -3


def together(answers: Answers, week: int) -> None:
    answers["satisfied"] = answers["body"] + Random(f"{answers['body']}").gauss(0, 0.7)


def in_turns(answers: Answers, week: int) -> None:
    answers["care"] = 11 - answers["productive"] + Random(f"{answers['body']}").gauss(0, 0.7)


def one_unlike_the_others(answers: Answers, week: int) -> None:
    calm = {name: 7 + (answers[name] - 5.5) / 3 for name in ANSWERS}
    answers.update({**calm, "satisfied": 1.0} if week == PLANTED_WEEKS - 1 else calm)


def caring(answers: Answers, week: int) -> None:
    answers["care"] += 0.14 * (week - 26)
    for name in ("productive", "satisfied", "body"):
        answers[name] = 6 + (answers[name] - 6) / 3


@pytest.mark.parametrize(
    ("plant", "kind", "measure", "direction"),
    [
        (rising, TREND, "satisfied", "up"),
        (falling, TREND, "body", "down"),
        (another_level, LEVEL_CHANGE, "productive", "up"),
        (together, CORRELATION, "satisfied", "up"),
        (in_turns, CORRELATION, "productive", "down"),
        (one_unlike_the_others, UNUSUAL_WEEK, "satisfied", "down"),
        (caring, SCORE_AND_CARE, "hu_cares", "down"),
    ],
)
def test_what_was_planted_is_found(
    plant: Callable[[Answers, int], None], kind: str, measure: str, direction: str
) -> None:
    found = sum(
        any(
            (one.kind, one.measure, one.direction) == (kind, measure, direction)
            for one in findings_in(make_history(seed, PLANTED_WEEKS, plant, gaps=0.0 if kind == UNUSUAL_WEEK else 0.1))
        )
        for seed in range(100)
    )

    assert found >= 90


def test_a_change_of_level_is_found_in_its_week() -> None:
    off = [
        abs((one.about["week"] - history.weeks.first).days // 7 - 24)
        for history in (make_history(seed, PLANTED_WEEKS, another_level) for seed in range(100))
        for one in findings_in(history)
        if one.kind == LEVEL_CHANGE and one.measure == "productive"
    ]

    assert sum(weeks <= 2 for weeks in off) >= 90


def test_the_p_value_of_a_movement_is_that_of_the_test_which_is_named() -> None:
    tests = {"Mann-Kendall": mann_kendall, "Pettitt": lambda values: (pettitt(values) or (0, 1.0))[1]}
    named = Counter[tuple[str, str]]()
    for seed in range(60):
        history = make_history(
            seed, (12, 26, PLANTED_WEEKS)[seed % 3], (rising, another_level, level_in_the_end)[seed // 20]
        )
        for one in findings_in(history):
            if one.kind in (TREND, LEVEL_CHANGE):
                test = next(name for name in tests if name in one.evidence.method)
                named[one.kind, test] += 1
                corrected = holm([tests[test](history.values(name)) for name in MEASURES])
                assert one.evidence.p_value == corrected[MEASURES.index(str(one.measure))]

    assert set(named) == {(TREND, "Mann-Kendall"), (LEVEL_CHANGE, "Mann-Kendall"), (LEVEL_CHANGE, "Pettitt")}


def moved_by(kind: str, measure: str, change: float) -> Finding:
    about = {"change": change, "weeks": 12} if kind == TREND else {"before": 0.0, "after": change}
    evidence = Evidence(12, make_history(1, 12).weeks, "A method", change, 0.001)
    return Finding(kind, measure, "up" if change > 0 else "down", 0.5, evidence, about)


@pytest.mark.parametrize(
    ("care", "others", "told"),
    [
        (4.0, {}, True),
        (4.1, {"body": 1.0}, True),  # which moves for the better
        (3.9, {}, False),
        (3.0, {}, False),
        (4.1, {"satisfied": -1.0}, False),
        (4.1, {"satisfied": -1.0, "body": 1.0}, False),
        (-4.1, {}, False),
    ],
)
def test_caring_explains_the_score_only_where_it_is_most_of_it_and_nothing_else_falls(
    care: float, others: dict[str, float], told: bool
) -> None:
    moves = [moved_by(TREND, "hu_cares", -6.0), moved_by(LEVEL_CHANGE, "care", care)]
    moves += [moved_by(TREND, name, change) for name, change in others.items()]

    assert (SCORE_AND_CARE in {one.kind for one in score_and_care(moves)}) is told


def of_kind(history: History, kind: str) -> list[Finding]:
    return [one for one in findings_in(history) if one.kind == kind]


def test_a_good_weekday_is_found_where_there_are_enough_days() -> None:
    found = 0
    for seed in range(100):
        random, history = Random(seed), make_history(seed, 12)
        history.days = [
            (monday + timedelta(days=day), random.gauss(12, 3) + (5 if day == 5 else 0))
            for monday in history.weeks.mondays()
            for day in range(7)
        ]
        found += [one.about["weekday"] for one in of_kind(history, WEEKDAY)] == [6]

    assert found >= 90


def test_a_good_season_is_found_when_it_came_twice_and_not_before() -> None:
    def summers(answers: Answers, week: int) -> None:
        month = (
            Weeks.until(make_history(0, 1).weeks.instants("UTC")[0], "UTC", weeks).first + timedelta(7 * week)
        ).month
        answers["satisfied"] += 3 if month in (6, 7, 8) else 0

    found = {}
    for weeks in (52, 104):
        histories = (make_history(seed, weeks, summers) for seed in range(20))
        found[weeks] = sum([one.about["season"] for one in of_kind(history, SEASON)] == [2] for history in histories)

    assert found[104] >= 18
    assert found[52] == 0


def test_a_steady_difference_from_the_others_is_found() -> None:
    found = 0
    for seed in range(100):
        random, history = Random(seed), make_history(seed, 12)
        history.beside = {
            name: [(random.gauss(6, 1) + (2.5 if name == "care" else 0), random.gauss(6, 0.5)) for _ in range(20)]
            for name in MEASURES
        }
        found += [(one.measure, one.direction) for one in of_kind(history, GROUP_GAP)] == [("care", "up")]

    assert found >= 90


def beside_by(*differences: float) -> History:
    """A history with these weekly differences from the others in one answer, and none in the rest."""
    history = make_history(1, 12)
    history.beside = {name: [(6 + (by if name == "care" else 0), 6) for by in differences] for name in MEASURES}
    return history


def test_a_few_weeks_far_off_do_not_turn_a_steady_difference_round() -> None:
    (told,) = of_kind(beside_by(*[0.3] * 18, -8, -8), GROUP_GAP)

    assert (told.direction, told.evidence.value) == ("up", pytest.approx(0.3))
    assert told.evidence.method.startswith("Median")
    assert "0.3 points higher" in words_for(told)[1]


def test_a_difference_that_most_weeks_do_not_have_is_not_told() -> None:
    assert of_kind(beside_by(*[1.0] * 12, *[0.0] * 13), GROUP_GAP) == []
    assert of_kind(beside_by(*[1.0] * 12, *[0.0] * 11), GROUP_GAP) != []


def test_of_five_measures_a_steady_difference_takes_ten_weeks() -> None:
    history = make_history(1, 12)
    for weeks, told in ((9, 0), (10, 1)):
        history.beside = dict.fromkeys(MEASURES, [(7.0, 6.0)] * weeks)
        assert len(of_kind(history, GROUP_GAP)) == told


@pytest.mark.parametrize("weeks", range(8))
def test_of_too_few_weeks_nothing_is_said(weeks: int) -> None:
    def steep(answers: Answers, week: int) -> None:
        answers.update(dict.fromkeys(ANSWERS, 1.0 + week))

    history = make_history(1, max(weeks, 1), steep, gaps=0.0 if weeks else 1.0)

    assert findings_in(history) == []


def test_where_everything_is_always_the_same_nothing_is_found() -> None:
    def same(answers: Answers, week: int) -> None:
        answers.update(dict.fromkeys(ANSWERS, 5.0))

    assert findings_in(make_history(1, 52, same)) == []


def test_the_score_is_made_of_the_answers() -> None:
    history = make_history(3, 12)

    for number, (_, value) in enumerate(history.points["hu_cares"]):
        assert value == score({name: history.points[name][number][1] for name in ANSWERS})
