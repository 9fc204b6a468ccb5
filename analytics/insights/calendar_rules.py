"""The rules for days, seasons and streaks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from statistics import fmean
from typing import TypeVar

from analytics.insights.findings import SEASON, STREAK, SURE, WEEKDAY, Evidence, Finding
from analytics.insights.history import History
from analytics.statistics.ranks import holm, mann_whitney
from analytics.trends import Point
from groups.periods import BIWEEKLY, WEEKLY

LEAST_OF_A_WEEKDAY = 6  # days
LEAST_WEEKDAYS = 3
LEAST_OF_A_SEASON = 6  # weeks, in each of two years
DAY_MILESTONES = (7, 14, 30, 50, 100, 200, 365, 500, 1000)
MILESTONES = (4, 8, 12, 26, 52, 78, 104, 156, 208, 260)

K = TypeVar("K", bound=Hashable)


def best_weekday(history: History) -> list[Finding]:
    """The weekday on which the score is higher than on the others, where enough weekdays have enough check-ins."""
    by_weekday = grouped([(day.isoweekday(), value) for day, value in history.days])
    enough = {day: values for day, values in by_weekday.items() if len(values) >= LEAST_OF_A_WEEKDAY}
    best = best_of(enough) if len(enough) >= LEAST_WEEKDAYS else None
    if best is None:
        return []
    weekday, effect, p_value = best
    n = sum(map(len, enough.values()))
    evidence = Evidence(n, history.weeks, "Cliff's delta, Mann-Whitney test with Holm correction", effect, p_value)
    return [Finding(WEEKDAY, "hu_cares", "up", effect, evidence, {"weekday": weekday})]


def best_season(history: History) -> list[Finding]:
    """The quarter of the year in which the score is higher than in the others, if it was so in each of two years."""
    points = history.points["hu_cares"]
    by_season = grouped([(season_of(monday), value) for monday, value in points])
    carried = {season: values for season, values in by_season.items() if in_two_years(season, points)}
    best = best_of(by_season, tried=list(carried))
    if best is None or not higher_each_year(best[0], points):
        return []
    season, effect, p_value = best
    method = "Cliff's delta, Mann-Whitney test with Holm correction"
    evidence = Evidence(len(points), history.weeks, method, effect, p_value)
    return [Finding(SEASON, "hu_cares", "up", effect, evidence, {"season": season})]


def grouped(pairs: Sequence[tuple[K, float]]) -> dict[K, list[float]]:
    """Key → its values."""
    found = defaultdict[K, list[float]](list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)


def best_of(groups: Mapping[K, Sequence[float]], tried: Sequence[K] | None = None) -> tuple[K, float, float] | None:
    """(key, effect, corrected p-value) of the group that is most clearly above the rest, if one is.

    `tried` are the keys of those that it may be; default all.
    """
    keys = list(groups) if tried is None else tried
    known = []
    for key in keys:
        result = mann_whitney(groups[key], [value for other in groups if other != key for value in groups[other]])
        if result is not None:
            known.append((key, *result))
    corrected = holm([p_value for *_, p_value in known])
    found = [(effect, p, key) for (key, effect, _), p in zip(known, corrected, strict=True) if effect > 0 and p < SURE]
    if not found:
        return None
    effect, p_value, key = max(found, key=lambda one: one[0])
    return key, effect, p_value


def season_of(monday: date) -> int:
    """The quarter of the year that a week is in: 0 is December to February, 1 March to May, and so on."""
    return monday.month % 12 // 3


def years_of(season: int, points: Sequence[Point]) -> dict[int, list[float]]:
    """The year in which a season ends → its weekly values."""
    return grouped([(day.year + (day.month == 12), value) for day, value in points if season_of(day) == season])


def in_two_years(season: int, points: Sequence[Point]) -> bool:
    """Whether a season has been seen often enough, in two years at least."""
    return sum(len(values) >= LEAST_OF_A_SEASON for values in years_of(season, points).values()) >= 2


def higher_each_year(season: int, points: Sequence[Point]) -> bool:
    """Whether a season was above the rest of the time in every year."""
    rest = fmean(value for day, value in points if season_of(day) != season)
    return all(fmean(values) > rest for values in years_of(season, points).values())


def streak_reached(history: History) -> list[Finding]:
    """A streak that has come to a number worth a word."""
    current, frequency = history.streak.current, history.streak.frequency
    milestones = MILESTONES if frequency in (WEEKLY, BIWEEKLY) else DAY_MILESTONES
    reached = max((one for one in milestones if one <= current), default=None)
    if reached is None:
        return []
    evidence = Evidence(current, history.weeks, "Count", current, None)
    about = {"frequency": frequency, "longest": history.streak.longest == current}
    return [Finding(STREAK, None, None, min(0.5, 0.2 + reached / 200), evidence, about)]
