"""All rules, asked of one history."""

from __future__ import annotations

from analytics.insights import calendar_rules, rules
from analytics.insights.findings import UNUSUAL_WEEK, Finding, strongest_first
from analytics.insights.history import History


def findings_in(history: History) -> list[Finding]:
    """What a history shows, the strongest first; a measure that moves is not said to be unusual as well."""
    moves = rules.score_and_care(list(rules.movements(history)))
    moving = {one.measure for one in moves}
    found = [
        *moves,
        *rules.correlations(history),
        *rules.unusual_week(history),
        *calendar_rules.best_weekday(history),
        *calendar_rules.best_season(history),
        *calendar_rules.streak_reached(history),
        *rules.group_gap(history),
    ]
    return strongest_first(one for one in found if one.kind != UNUSUAL_WEEK or one.measure not in moving)
