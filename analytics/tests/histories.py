"""Made-up histories: of nothing but chance, and with something planted in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random

from analytics.insights.history import History
from analytics.measures import ANSWERS
from analytics.weeks import Weeks

NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)

Answers = dict[str, float]
Plant = Callable[[Answers, int], None]  # changes the answers of the week with a number, before they are rounded


def whole_answer(value: float) -> float:
    """As a person answers: a whole number from 1 to 10."""
    return float(min(10, max(1, round(value))))


def make_history(seed: int, weeks: int, plant: Plant | None = None, gaps: float = 0.1) -> History:
    """A history of so many weeks, some of them missing, with answers by chance that a plant may have changed."""
    random = Random(seed)
    center, spread = random.uniform(4.5, 6.5), random.uniform(0.9, 1.8)
    asked = Weeks.until(NOW, "UTC", weeks)
    rows: list[tuple[date, Answers]] = []
    for number, monday in enumerate(asked.mondays()):
        answers = {name: random.gauss(center, spread) for name in ANSWERS}
        if plant:
            plant(answers, number)
        if random.random() >= gaps:
            rows.append((monday, {name: whole_answer(value) for name, value in answers.items()}))
    points = {name: [(monday, answers[name]) for monday, answers in rows] for name in ANSWERS}
    points["hu_cares"] = [(monday, score(answers)) for monday, answers in rows]
    days = [(monday + timedelta(days=random.randrange(7)), score(answers)) for monday, answers in rows]
    return History(asked, points, days)


def score(answers: Answers) -> float:
    """productive + satisfied + body - care."""
    return answers["productive"] + answers["satisfied"] + answers["body"] - answers["care"]
