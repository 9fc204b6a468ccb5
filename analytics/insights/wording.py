"""Findings in words: warm, plain, and never a diagnosis or a ranking of friends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from analytics.insights.findings import (
    CORRELATION,
    GROUP_GAP,
    LEVEL_CHANGE,
    SCORE_AND_CARE,
    SEASON,
    STREAK,
    TREND,
    UNUSUAL_WEEK,
    WEEKDAY,
    Finding,
)
from analytics.trends import UP
from groups.periods import BIWEEKLY, DAILY, WEEKLY

Words = tuple[str, str]  # a title and a message

NAMES = {
    "productive": "productive",
    "satisfied": "satisfied",
    "body": "body",
    "care": "care",
    "hu_cares": "HuCares score",
}
RISING = {
    "productive": "Your weeks have been getting more productive",
    "satisfied": "You have been getting more satisfied with your weeks",
    "body": "Your body has been feeling better",
    "care": "You have been caring more about things outside yourself",
    "hu_cares": "Your HuCares score has been rising",
}
FALLING = {
    "productive": "Your weeks have been getting less productive",
    "satisfied": "You have been getting less satisfied with your weeks",
    "body": "Your body has been feeling less good",
    "care": "You have been caring less about things outside yourself",
    "hu_cares": "Your HuCares score has been falling",
}
TALK = "There may be good reasons for it. If it weighs on you, talking to somebody you trust can help."
KINDLY = "Every week may be as it is; if it was a hard one, be kind to yourself, and talk to somebody if you like."
SUGGESTIONS = (TALK, KINDLY)
ENJOY = "Whatever you are doing, it seems to go well with you."
WEEKDAYS = ("", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
STREAK_UNITS = {DAILY: "days", WEEKLY: "weeks", BIWEEKLY: "fortnights"}
SEASONS = ("December to February", "March to May", "June to August", "September to November")


def words_for(finding: Finding) -> Words:
    """The title and the message of a finding."""
    return TELLERS[finding.kind](finding)


def points(value: float) -> str:
    """A number of points, to one decimal, without its sign."""
    rounded = f"{abs(value):.1f}".removesuffix(".0")
    return f"{rounded} point" if rounded == "1" else f"{rounded} points"


def number(value: float) -> str:
    """A number to one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def day(value: date) -> str:
    """A day of the year, as in 2 March."""
    return f"{value.day} {value:%B}"


def comment(finding: Finding) -> str:
    """What to say to a rise or a fall. Caring less is no loss, and caring more no gain: it says so to neither."""
    if finding.measure == "care":
        return "Neither more nor less is better here; it is worth knowing." if finding.direction == UP else TALK
    return ENJOY if finding.direction == UP else TALK


def of_trend(finding: Finding) -> Words:
    """A sustained rise or fall."""
    up = finding.direction == UP
    titles = RISING if up else FALLING
    moved = f"It has {'risen' if up else 'fallen'} by about {points(finding.about['change'])}"
    return titles[str(finding.measure)], f"{moved} over {finding.about['weeks']} weeks. {comment(finding)}"


def of_level(finding: Finding) -> Words:
    """Another level."""
    about, since = finding.about, day(finding.about["week"])
    higher = "higher" if finding.direction == UP else "lower"
    name = NAMES[str(finding.measure)]
    told = f"Since the week of {since} it has mostly been around {number(about['after'])}"
    return (
        f"Your {name} {'answers have' if finding.measure != 'hu_cares' else 'has'} been {higher} since {since}",
        f"{told}, and around {number(about['before'])} before. {comment(finding)}",
    )


def of_score_and_care(finding: Finding) -> Words:
    """The score, moved by caring."""
    change, care = points(finding.about["change"]), points(finding.about["care"])
    if finding.direction == UP:
        return (
            "Your HuCares score is higher, mostly because you care about less outside yourself",
            f"It has risen by about {change}, and caring has gone down by about {care}. Caring is subtracted in the "
            "score, so this says that there is more room for you now, not that the rest has changed much.",
        )
    return (
        "Your HuCares score is lower, mostly because you care about more outside yourself",
        f"It has fallen by about {change}, and caring has gone up by about {care}. Caring is subtracted in the score, "
        f"so you may be giving a lot. Look after yourself too. {TALK}",
    )


def of_correlation(finding: Finding) -> Words:
    """Two answers that move together."""
    one, other = NAMES[str(finding.measure)], NAMES[str(finding.about["other"])]
    way = "higher" if finding.direction == UP else "lower"
    return (
        f"{one.capitalize()} and {other} {'go hand in hand' if finding.direction == UP else 'take turns'} for you",
        f"In weeks in which you answer higher on {one}, you tend to answer {way} on {other}. It was so over "
        f"{finding.evidence.n} weeks; which one moves the other, numbers cannot tell.",
    )


def of_unusual(finding: Finding) -> Words:
    """A week unlike the others."""
    about, value = finding.about, number(finding.about["value"])
    answered = f"you answered {value} on {NAMES[str(finding.measure)]}"
    happened = f"your HuCares score was {value}" if finding.measure == "hu_cares" else answered
    told = f"In the week of {day(about['week'])} {happened}"
    kind = KINDLY if finding.direction != UP or finding.measure == "care" else "Perhaps you remember what made it so."
    return "This was a week unlike your others", f"{told}; usually it is around {number(about['usual'])}. {kind}"


def of_weekday(finding: Finding) -> Words:
    """A good weekday."""
    weekday = WEEKDAYS[finding.about["weekday"]]
    return (
        f"{weekday} are often good days for you",
        f"Your HuCares score tends to be higher on {weekday} than on your other days with a check-in, over "
        f"{finding.evidence.n} days.",
    )


def of_season(finding: Finding) -> Words:
    """A good season."""
    season = SEASONS[finding.about["season"]]
    return (
        f"{season} has been a good time of year for you",
        "Your HuCares score was higher then than in the rest of the year, each time that we have seen it.",
    )


def of_streak(finding: Finding) -> Words:
    """A streak; of periods of several lengths it is told in check-ins."""
    unit = STREAK_UNITS.get(finding.about["frequency"])
    told = f"checked in {finding.evidence.n} {unit}" if unit else f"made {finding.evidence.n} check-ins"
    longest = " It is your longest so far." if finding.about["longest"] else ""
    return (
        f"{finding.evidence.n} {unit or 'check-ins'} in a row, and counting",
        f"You have {told} in a row.{longest} It is good to have you here.",
    )


def of_gap(finding: Finding) -> Words:
    """How one differs from the others, which is neither good nor bad."""
    way = "higher" if finding.direction == UP else "lower"
    return (
        f"You tend to answer {way} than the others on {NAMES[str(finding.measure)]}",
        f"Over {finding.evidence.n} weeks you were typically {points(finding.evidence.value)} {way}. People use the "
        "scale in their own ways, and lives differ: it is something to talk about, not to compete in.",
    )


TELLERS: dict[str, Callable[[Finding], Words]] = {
    TREND: of_trend,
    LEVEL_CHANGE: of_level,
    SCORE_AND_CARE: of_score_and_care,
    CORRELATION: of_correlation,
    UNUSUAL_WEEK: of_unusual,
    WEEKDAY: of_weekday,
    SEASON: of_season,
    STREAK: of_streak,
    GROUP_GAP: of_gap,
}
