"""The rules for weekly values: each looks at a history for one kind of finding.

A rule corrects its p-values for everything that it tried, and tells only of what chance would hardly do: of histories
that are nothing but chance, hardly any yields a finding.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from statistics import median

from analytics.insights.findings import (
    CORRELATION,
    GROUP_GAP,
    LEVEL_CHANGE,
    SCORE_AND_CARE,
    SURE,
    SURE_OF_MOVEMENT,
    TREND,
    UNUSUAL_WEEK,
    Evidence,
    Finding,
    strongest,
)
from analytics.insights.history import History
from analytics.measures import ANSWERS, MEASURES
from analytics.statistics.changes import (
    fits_better,
    pettitt,
    robust_z,
    squared_error_of_line,
    squared_error_of_step,
)
from analytics.statistics.ranks import holm, mann_whitney, sign_test, spearman
from analytics.statistics.trends import kendall_s, mann_kendall, theil_sen
from analytics.trends import DOWN, UP, direction_of, weeks_since_first
from analytics.weeks import ONE_WEEK

LEAST_WEEKS = 8
TREND_TEST, LEVEL_TEST = "Mann-Kendall test", "Pettitt test"
LEAST_LEVEL = 4  # weeks on either side of a change of level
# A slope and a height; two heights and when.
LINE_CONSTANTS, STEP_CONSTANTS = 2, 3
LEAST_PAIRS = 10
MOST_PAIRS_TOLD = 2
OUTLIER = 5.0  # robust standard deviations: of so few weeks 3.5, which is usual, would call too many unusual
MOST_OF_IT = 2 / 3  # the share of a change of the score from which caring is said to be behind it


def movements(history: History) -> Iterator[Finding]:
    """Sustained rises and falls, and changes of level: of each measure whichever describes it better."""
    if len(history.together) < LEAST_WEEKS:
        return
    trends = corrected([mann_kendall(history.values(name)) for name in MEASURES])
    splits = {name: pettitt(history.values(name)) or (0, 1.0) for name in MEASURES}
    levels = corrected([splits[name][1] for name in MEASURES])
    for name in MEASURES:
        p_value, test = min((trends[name], TREND_TEST), (levels[name], LEVEL_TEST))
        if p_value < SURE_OF_MOVEMENT:
            split = splits[name][0]
            yield from level_change(history, name, split, p_value, test) or trend(history, name, trends[name])


def corrected(p_values: list[float]) -> dict[str, float]:
    """Measure → its p-value, corrected for the number of measures."""
    return dict(zip(MEASURES, holm(p_values), strict=True))


def trend(history: History, measure: str, p_value: float) -> list[Finding]:
    """A sustained rise or fall, if it is one."""
    values, times = history.values(measure), weeks_since_first(history.points[measure])
    slope = theil_sen(times, values)
    if not slope or p_value >= SURE_OF_MOVEMENT:
        return []
    effect = abs(kendall_s(values)) / math.comb(len(values), 2)
    evidence = Evidence(len(values), history.weeks, f"Theil-Sen slope per week, {TREND_TEST}", slope, p_value)
    about = {"change": slope * times[-1], "weeks": round(times[-1]) + 1}
    return [Finding(TREND, measure, direction_of(slope), effect, evidence, about)]


def level_change(history: History, measure: str, split: int, p_value: float, test: str) -> list[Finding]:
    """Another level from one week on, if there is one that describes the weeks better than a line does.

    Pettitt's approximation is seldom sure of a short series, so `test` names whichever test is surer that it moved.
    """
    values, times = history.values(measure), weeks_since_first(history.points[measure])
    before, after = values[:split], values[split:]
    if min(len(before), len(after)) < LEAST_LEVEL:
        return []
    line = squared_error_of_line(times, values)
    step = squared_error_of_step(values, split)
    difference, effect = median(after) - median(before), mann_whitney(after, before)
    if not difference or effect is None or not fits_better(step, STEP_CONSTANTS, line, LINE_CONSTANTS, len(values)):
        return []
    evidence = Evidence(len(values), history.weeks, f"Difference of medians, {test}", difference, p_value)
    about = {"week": history.points[measure][split][0], "before": median(before), "after": median(after)}
    return [Finding(LEVEL_CHANGE, measure, direction_of(difference), abs(effect[0]), evidence, about)]


def score_and_care(movements: list[Finding]) -> list[Finding]:
    """The same movements; if the score moved mostly because caring did, its movement says so instead.

    Care is subtracted from the score, so the two move against each other. Where another answer moves as the score does,
    caring is not all that there is to say, and nothing is said of it.
    """
    found = {one.measure: one for one in movements}
    score, care = found.get("hu_cares"), found.get("care")
    if not score or not care or score.direction == care.direction or moved(care) < MOST_OF_IT * moved(score):
        return movements
    if any(found[name].direction == score.direction for name in ANSWERS if name in found):
        return movements
    about = {**score.about, "change": moved(score), "care": moved(care)}
    told = Finding(SCORE_AND_CARE, "hu_cares", score.direction, score.strength, score.evidence, about)
    return [told if one is score else one for one in movements]


def moved(finding: Finding) -> float:
    """How many points a measure moved by, up or down."""
    about = finding.about
    return abs(float(about["change"] if finding.kind == TREND else about["after"] - about["before"]))


def correlations(history: History) -> list[Finding]:
    """Answers that move together, or against each other, from week to week; the strongest of them.

    What two answers have in common because both rise or fall is taken out before. The score is left out: it is made
    of the answers.
    """
    if len(history.together) < LEAST_PAIRS:
        return []
    values = {name: without_trend(history, name) for name in ANSWERS}
    tried = [(one, other, spearman(values[one], values[other])) for one, other in combinations(ANSWERS, 2)]
    known = [(one, other, result) for one, other, result in tried if result is not None]
    found = []
    for (one, other, (rho, _)), p_value in zip(known, holm([result[1] for *_, result in known]), strict=True):
        if p_value < SURE:
            method = "Spearman rank correlation, Holm correction"
            evidence = Evidence(len(history.together), history.weeks, method, rho, p_value)
            found.append(Finding(CORRELATION, one, UP if rho > 0 else DOWN, abs(rho), evidence, {"other": other}))
    return strongest(found, MOST_PAIRS_TOLD)


def without_trend(history: History, measure: str) -> list[float]:
    """A measure's values; if they have a trend at all, what is left beside its line."""
    values, times = history.values(measure), weeks_since_first(history.points[measure])
    if mann_kendall(values) >= 0.1:
        return values
    slope = theil_sen(times, values)
    return [value - slope * time for value, time in zip(values, times, strict=True)]


def unusual_week(history: History) -> list[Finding]:
    """The newest week, if it is the open one or the one before and far outside of all weeks before it.

    The score is told of only if no answer is: it is made of the answers.
    """
    if len(history.together) <= LEAST_PAIRS or history.together[-1] < history.weeks.open_week - ONE_WEEK:
        return []
    outliers = [finding for name in ANSWERS for finding in outlier(history, name)]
    return strongest(outliers or outlier(history, "hu_cares"), 1)


def outlier(history: History, measure: str) -> list[Finding]:
    """The newest week of a measure, if it is far from the others."""
    *usual, value = history.values(measure)
    z = robust_z(value, usual)
    if z is None or abs(z) < OUTLIER or min(usual) <= value <= max(usual):
        return []
    evidence = Evidence(len(usual) + 1, history.weeks, "Robust z-score", z, None)
    about = {"week": history.together[-1], "value": value, "usual": median(usual)}
    return [Finding(UNUSUAL_WEEK, measure, direction_of(z), min(1.0, abs(z) / 7), evidence, about)]


def group_gap(history: History) -> list[Finding]:
    """The measure by which one's weeks differ most steadily from the others' average.

    A few weeks far off move the median as little as the signs; where the two disagree nothing is told.
    """
    differences = {
        name: [you - others for you, others in pairs]
        for name, pairs in history.beside.items()
        if len(pairs) >= LEAST_WEEKS
    }
    tested = {name: result for name, ones in differences.items() if (result := sign_test(ones)) is not None}
    found = []
    for (name, (share, _)), p_value in zip(tested.items(), holm([p for _, p in tested.values()]), strict=True):
        difference = median(differences[name])
        if p_value < SURE and difference * share > 0:
            n, method = len(differences[name]), "Median weekly difference, sign test"
            evidence = Evidence(n, history.weeks, method, difference, p_value)
            found.append(Finding(GROUP_GAP, name, direction_of(difference), abs(share), evidence))
    return strongest(found, 1)
