"""The words for every kind of finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from analytics.insights.findings import KINDS, Evidence, Finding
from analytics.insights.wording import words_for
from analytics.measures import ANSWERS, MEASURES
from analytics.weeks import Weeks

WEEKS = Weeks.until(datetime(2026, 3, 25, tzinfo=UTC), "UTC", 12)
# Words of doctors, of contests and of orders.
UNWELCOME = re.compile(
    r"depress|disorder|symptom|diagnos|burn.?out|anxi|illness|patholog|clinical|therap|rank|best|worst|better than|"
    r"worse than|winner|loser|beat|should|must|\balarm|\bbad\b|fail",
    re.IGNORECASE,
)
FALLEN = {"trend", "level_change", "unusual_week", "score_and_care"}
ABOUT: dict[str, list[dict[str, Any]]] = {
    "trend": [{"change": 2.4, "weeks": 12}],
    "level_change": [{"week": date(2026, 2, 9), "before": 6.0, "after": 3.5}],
    "correlation": [{"other": name} for name in ANSWERS],
    "unusual_week": [{"week": date(2026, 3, 16), "value": 1.0, "usual": 6.5}],
    "weekday": [{"weekday": number} for number in range(1, 8)],
    "season": [{"season": number} for number in range(4)],
    "streak": [
        {"frequency": frequency, "longest": longest}
        for frequency in ("daily", "weekly", "biweekly", None)
        for longest in (False, True)
    ],
    "group_gap": [{}],
    "score_and_care": [{"change": 4.0, "care": 3.0}],
}


def every_finding() -> Iterator[Finding]:
    for kind in KINDS:
        for measure in MEASURES:
            for direction in ("up", "down"):
                for about in ABOUT[kind]:
                    yield Finding(kind, measure, direction, 0.5, Evidence(12, WEEKS, "A method", 2.4, 0.001), about)


def has_fallen(finding: Finding) -> bool:
    """Whether it tells of a fall; of one week in which somebody cared less it is not said that this is one."""
    one_week_of_care = (finding.kind, finding.measure) == ("unusual_week", "care")
    return finding.kind in FALLEN and finding.direction == "down" and not one_week_of_care


@pytest.mark.parametrize("finding", list(every_finding()), ids=lambda one: f"{one.kind} {one.measure} {one.direction}")
def test_every_finding_has_warm_and_whole_sentences(finding: Finding) -> None:
    title, message = words_for(finding)

    assert title[0].isupper() or title[0].isdigit()
    assert not title.endswith(".")
    assert 10 <= len(title) <= 100
    assert message[0].isupper()
    assert message.endswith(".")
    assert len(message) <= 400
    assert UNWELCOME.search(f"{title} {message}") is None
    assert not re.search(r"None|nan|\{|\}|  |_", f"{title} {message}")


@pytest.mark.parametrize("finding", [one for one in every_finding() if has_fallen(one)], ids=repr)
def test_a_sustained_fall_suggests_talking_to_somebody(finding: Finding) -> None:
    assert "talk" in words_for(finding)[1]


def test_numbers_are_rounded_as_people_say_them() -> None:
    def told(change: float) -> str:
        evidence = Evidence(12, WEEKS, "A method", 0.1, 0.001)
        return words_for(Finding("trend", "body", "up", 0.5, evidence, {"change": change, "weeks": 12}))[1]

    assert "about 1 point over" in told(1.04)
    assert "about 2.5 points over" in told(-2.46)
    assert "about 3 points over" in told(3.0)
