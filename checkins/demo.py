"""The demo's story: who is in it, which groups there are, and how their year went. Nothing here writes a row."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from groups import periods
from groups.models import Role
from groups.periods import BIWEEKLY, DAILY, WEEKLY, Period

PASSWORD = "Porch-Light-7"  # noqa: S105  # known to everybody: the demo is made only with DEBUG on
DEMO_USERNAME = "nora"
DEMO_EMAIL = "demo@hucares.example"
ADMIN_EMAIL = "admin@hucares.example"
NO_WEEKS = range(0)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody in the demo. Weeks count back from now."""

    username: str
    timezone: str
    usual: tuple[float, float, float, float]  # productive, satisfied, body, care in a middling week
    rough_weeks: range = NO_WEEKS
    weeks_away: range = NO_WEEKS
    scores: str = "group"

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return DEMO_EMAIL if self.username == DEMO_USERNAME else f"{self.username}@hucares.example"


@dataclass(frozen=True)
class Place:
    """Somebody's place in a circle, from `since` closed periods ago until `until` periods ago (0: still there)."""

    username: str
    since: int
    habit: float  # how many of the periods they check in, 0 to 1
    role: Role = Role.MEMBER
    until: int = 0


@dataclass(frozen=True, kw_only=True)
class Circle:
    """A group of the demo."""

    name: str
    description: str
    frequency: str
    timezone: str
    hours_before_close: tuple[float, float]  # when people tend to check in
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Fresh:
    """A check-in of the period that is open now, made the usual way, so that friends hear of it."""

    circle: str
    username: str
    scores: tuple[int, int, int, int]
    emoji: str
    note: str | None = None
    is_private: bool = False


PEOPLE = (
    Person(
        username="nora",
        timezone="Europe/Berlin",
        usual=(6.6, 6.4, 6.0, 5.6),
        rough_weeks=range(24, 30),
        weeks_away=range(15, 17),
    ),
    Person(username="jonas", timezone="Europe/Berlin", usual=(7.2, 6.2, 6.8, 4.6), rough_weeks=range(9, 14)),
    Person(username="amira", timezone="Europe/London", usual=(6.0, 7.3, 5.8, 7.0), weeks_away=range(31, 34)),
    Person(
        username="theo_b",
        timezone="Europe/Vienna",
        usual=(5.8, 6.0, 7.4, 5.0),
        rough_weeks=range(36, 40),
        weeks_away=range(20, 22),
    ),
    Person(
        username="mei_lin",
        timezone="Europe/Amsterdam",
        usual=(7.6, 6.6, 5.4, 6.2),
        rough_weeks=range(3, 7),
        scores="private",
    ),
    Person(username="lucia", timezone="Europe/Madrid", usual=(6.2, 6.8, 6.4, 5.8), rough_weeks=range(26, 31)),
    Person(username="sam", timezone="America/New_York", usual=(6.8, 7.0, 6.2, 6.4)),
    Person(username="ruth_k", timezone="America/New_York", usual=(5.4, 7.2, 5.2, 7.6), rough_weeks=range(44, 48)),
)
MAIN_CIRCLE = "The Sunday Porch"
CIRCLES = (
    Circle(
        name=MAIN_CIRCLE,
        description="Old flatmates. Four numbers on Sunday evening, tea afterwards.",
        frequency=WEEKLY,
        timezone="Europe/Berlin",
        hours_before_close=(1.5, 44),
        places=(
            Place("nora", 52, 0.92, Role.ADMIN),
            Place("jonas", 52, 0.88, Role.MODERATOR),
            Place("amira", 52, 0.93),
            Place("theo_b", 49, 0.74),
            Place("mei_lin", 31, 0.9),
            Place("lucia", 52, 0.7, until=21),
        ),
    ),
    Circle(
        name="Kitchen Table",
        description="The family, on both sides of the water.",
        frequency=WEEKLY,
        timezone="America/New_York",
        hours_before_close=(2, 30),
        places=(Place("ruth_k", 50, 0.96, Role.ADMIN), Place("sam", 50, 0.8), Place("nora", 48, 0.86)),
    ),
    Circle(
        name="Before Breakfast",
        description="Cold water, then a check-in. Every day, no excuses, some excuses.",
        frequency=DAILY,
        timezone="Europe/Berlin",
        hours_before_close=(12, 17),
        places=(Place("jonas", 160, 0.82, Role.ADMIN), Place("nora", 120, 0.78), Place("theo_b", 95, 0.66)),
    ),
    Circle(
        name="Slow Letters",
        description="Every other week, and nobody is in a hurry.",
        frequency=BIWEEKLY,
        timezone="UTC",
        hours_before_close=(2, 90),
        places=(
            Place("amira", 26, 0.9, Role.ADMIN),
            Place("lucia", 26, 0.84),
            Place("nora", 26, 0.9),
            Place("sam", 25, 0.78),
        ),
    ),
)
FRESH = (
    Fresh("Kitchen Table", "nora", (6, 7, 6, 5), "🍞", "Baked with the window open. Call you all on Saturday."),
    Fresh("Kitchen Table", "ruth_k", (6, 8, 5, 8), "🌻"),
    Fresh("Before Breakfast", "theo_b", (5, 6, 8, 4), "🏊", "Eleven degrees. I said a word my mother does not know."),
    Fresh(MAIN_CIRCLE, "jonas", (8, 7, 7, 5), "🚲", "First week in the new job that felt like mine."),
    Fresh(MAIN_CIRCLE, "mei_lin", (7, 6, 5, 6), "🍵"),
    Fresh(MAIN_CIRCLE, "theo_b", (4, 4, 5, 6), "🌧️", "Rather not the numbers this week.", is_private=True),
    Fresh(MAIN_CIRCLE, "amira", (7, 9, 6, 7), "🎉", "She said yes! To the garden plot, calm down."),
)

EMOJIS = {
    "good": ["☀️", "😊", "🌱", "🎉", "💪", "🌻"],
    "plain": ["🙂", "🍵", "🚲", "📚", "🌤️", "🧦"],
    "rough": ["🌧️", "😔", "🛌", "😮‍💨", "🫠"],
}
NOTES = {
    "good": (
        "Finished the shelf. It is level. I checked four times because I enjoyed it.",
        "Long walk with no podcast. Remembered that I like my own head.",
        "Said no to a meeting and nothing burned down.",
        "Slept eight hours three nights in a row. Who knew.",
        "Mum laughed so hard on the phone that I had to put her on speaker.",
        "Ran to the bridge and back without stopping. Ten weeks ago that was the bus.",
        "Someone at work said thank you and meant it.",
        "Cooked for five. Nobody looked at a phone.",
        "The thing I was dreading took twenty minutes.",
        "I feel like myself again. Writing it down so that I can find it later.",
        "Picked the first tomatoes. Ate them over the sink.",
        "You asked how I was last week and it helped more than you think.",
    ),
    "plain": (
        "Nothing much, in the good way.",
        "Work, laundry, soup. Repeat.",
        "Half the list done, and the other half can wait.",
        "A bit tired, but I got outside every day.",
        "Too much news again. Turned it off on Thursday.",
        "Good days and grey days, about even.",
        "The choir is back. I am still flat, and they still let me in.",
        "Read more, scrolled less. Slightly less.",
        "Back hurts from the desk. Ordered the chair at last.",
        "Missed you all on Sunday.",
        "Trying to be in bed by eleven. Score so far: two out of seven.",
    ),
    "rough": (
        "Hard one. I don't need fixing, just wanted to say it somewhere.",
        "Cried in the car, then bought oranges. Both helped.",
        "Not sleeping. If somebody wants to walk on Saturday, I would like that.",
        "Everything took twice as long and gave half as much.",
        "Dad is back in hospital. I will write when I know more.",
        "I checked in. That is what I managed, and I am counting it.",
        "Snapped at everyone. Sorry if you were everyone.",
        "Called in sick and felt guilty about it, which is silly.",
        "Low. The neighbour brought soup without asking.",
    ),
}
WEIGHTS = (0.8, 1.0, 0.6, -0.25)  # how far a mood moves each answer; when low, one worries more about the rest
COLUMNS = ("productive_score", "satisfied_score", "body_score", "care_score")


@dataclass
class Entry:
    """One check-in of the history: whose, for which period, when, and what it says."""

    username: str
    period: Period
    at: datetime
    tone: str
    columns: dict[str, Any] = field(default_factory=dict)


def closed_periods(circle: Circle, now: datetime, count: int) -> list[Period]:
    """The circle's last closed periods, the newest first."""
    return periods.closed_periods(now, circle.frequency, circle.timezone, count=count)


def year_of_moods(random: Random, person: Person, today: date) -> dict[date, float]:
    """How somebody felt, day by day: much like the day before, brighter in summer, low in the rough weeks."""
    mood, moods = 0.0, {}
    for days_ago in range(400, -1, -1):
        day = today - timedelta(days=days_ago)
        mood = 0.96 * mood + random.gauss(0, 0.4)
        season = 0.8 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 190) / 365)
        moods[day] = mood + season - (3.2 if days_ago // 7 in person.rough_weeks else 0.0)
    return moods


def history(random: Random, circle: Circle, place: Place, person: Person, now: datetime) -> list[Entry]:
    """What somebody has checked in with over the closed periods, gaps left out, the newest first."""
    # Seeds of their own: a mood is the same in every circle, and a gap does not move with the day's other dice.
    moods = year_of_moods(Random(person.username), person, now.date())  # noqa: S311
    habit = Random(circle.name + person.username)  # noqa: S311
    entries = []
    for number, period in enumerate(closed_periods(circle, now, place.since)):
        weeks_ago = (now.date() - period.end).days // 7
        misses = habit.random() > place.habit or weeks_ago in person.weeks_away
        if number < place.until or (misses and number != place.since - 1):
            continue
        at = period.closes_at - timedelta(hours=random.uniform(*circle.hours_before_close))
        entries.append(answered(random, person, period, at, moods[period.end]))
    return entries


def answered(random: Random, person: Person, period: Period, at: datetime, mood: float) -> Entry:
    """A check-in made in this mood; on low days more of them are private."""
    scores = [
        min(10, max(1, round(usual + weight * mood + random.gauss(0, 0.6))))
        for usual, weight in zip(person.usual, WEIGHTS, strict=True)
    ]
    tone = "good" if mood > 1 else "plain" if mood > -1.8 else "rough"
    columns: dict[str, Any] = dict(zip(COLUMNS, scores, strict=True))
    columns["is_private"] = random.random() < (0.2 if tone == "rough" else 0.03)
    if random.random() < 0.6:
        columns["mood_emoji"] = random.choice(EMOJIS[tone])
    if random.random() < 0.7:
        columns["energy_level"] = min(5, max(1, round(scores[2] / 2 + random.gauss(0, 0.4))))
    return Entry(person.username, period, at, tone, columns)


def write_notes(random: Random, entries: list[Entry]) -> None:
    """Give every note of the story to one check-in of its tone."""
    for tone, notes in NOTES.items():
        fitting = [entry for entry in entries if entry.tone == tone]
        for entry, note in zip(random.sample(fitting, min(len(notes), len(fitting))), notes, strict=False):
            entry.columns["reflection_note"] = note
