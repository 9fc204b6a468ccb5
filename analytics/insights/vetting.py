"""Whether what a model has written may be shown: short and plain, of the same meaning and the same numbers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from analytics.trends import DOWN, UP

NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
# Digits that may be read as another number than they look like: 12,000 and 12 000, 8.2k and 2nd, .5 and 8/2.
UNCLEAR_DIGITS = re.compile(r"\d[.,'\u2019]\d{3}(?!\d)|\d\s+\d|\d[^\W\d_]|[^\W\d_]\d|(?<!\d)[.,]\d|\d[:'\u2019]\d")
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
WORD_NUMBERS = {word: float(number) for number, word in enumerate(WORDS)}
# Where `one` tells no number: "one of your weeks", "no one", "which one moves the other".
NO_NUMBER = re.compile(
    r"\b(?:no one|one (?:of|or|another|goes|moves|is|rises|falls)"
    r"|(?:which|this|that|a hard|a good) one(?=[,.;:!?]| (?:moves|that|which|was|is)\b|$))\b",
    re.IGNORECASE,
)
# Numbers that are not worth reading: whoever is asked for digits can do without them.
UNCLEAR_NUMBER = re.compile(
    r"\b(?:(?:thir|four|fif|six|seven|eigh|nine)teen(?:ths?)?|(?:twen|thir|for|fif|six|seven|eigh|nine)t(?:y|ieths?)"
    r"|(?<!at )first|seconds?|(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|hundredth)s?"
    r"|hundreds?|thousands?|(?:m|b|tr)illions?|dozens?|half|halves|halv(?:ed?|ing)|quarters?|once|twice|thrice"
    r"|doubl(?:ed?|es|ing)|tripl(?:ed?|es|ing)|quadrupl\w+|\w*fold|per ?cent|couples?|singles?|pairs?"
    r"|duo|trio|handfuls?|few|several|nil|none|nought|naught|null|fortnight(?:s|ly)?|decades?|century|centuries"
    r"|an? (?:\w+ )?points?|an? (?:months?|years?)|an? (?:hour|day|week) (?:ago|before|earlier|later))\b",
    re.IGNORECASE,
)
UNWELCOME = re.compile(
    r"depress|disorder|symptom|diagnos|burn.?out|anxi|\bill\b|illness|\bsick|disease|patholog|clinic|therap|medic|suicid"
    r"|syndrome|\bdoctor|physician|hospital|psych|counsel|mental|bipolar|\bmani[ac]|autis|schizo|narciss|trauma|neuro"
    r"|\b(?:adhd|ptsd|ocd|gp|dr|pills?|drugs?|unwell|panic)\b|prescri|treatment|insomnia|addict|dement|cancer|diabet",
    re.IGNORECASE,
)
# Letters around a dot, what follows a colon at once, and any slash.
LINK = re.compile(r"\w\.[^\W\d_]|:\S|/|www\.|\bdot (?:com|org|net|io)\b", re.IGNORECASE)
SYMBOLS = set("<>[]{}|\\^`@#$~*_=%")

NOT = r"\b(?:not|never|hardly|barely|steady|stable|unchanged|cannot)\b|n[\u2019']t\b"
RISE = re.compile(
    r"\b(?:up|more|most|higher|highest|better|ris(?:e|es|en|ing)|rose|increas\w*|climb\w*|grow\w*|grew|improv\w*|gain\w*)\b"
    rf"|{NOT}",
    re.IGNORECASE,
)
FALL = re.compile(
    r"\b(?:down|less|least|lower\w*|lowest|worse|worst|fall(?:s|en|ing)?|fell|decreas\w*|declin\w*|drop\w*|sink\w*|sank"
    rf"|shr[iau]nk\w*|reduc\w*|dip\w*|slip\w*)\b|{NOT}",
    re.IGNORECASE,
)
# What has no direction is a streak, which is good news.
OPPOSITE = {UP: FALL, DOWN: RISE, None: FALL}


@dataclass(frozen=True, slots=True)
class Given:
    """What a model was given of a finding: its words, its way (up, down or None), and the numbers that are true."""

    words: str
    direction: str | None
    numbers: frozenset[float]


def is_fit(text: Any, most: int, given: Given) -> bool:
    """Whether a text of at most so many characters may be shown to somebody, in place of what was given."""
    if not isinstance(text, str) or not text.strip() or len(text) > most:
        return False
    if UNWELCOME.search(text) or LINK.search(text) or UNCLEAR_DIGITS.search(text) or not all(map(is_plain, text)):
        return False
    if added(UNCLEAR_NUMBER, text, given) or tells_the_opposite(text, given):
        return False
    return numbers_in(text) | numbers_in_words(text) <= given.numbers


def added(pattern: re.Pattern[str], text: str, given: Given) -> set[str]:
    """What of a pattern is in a text, and was not in the words that were given."""
    found, known = (set(pattern.findall(one.lower())) for one in (text, given.words))
    return found - known


def tells_the_opposite(text: str, given: Given) -> bool:
    """Whether a text has a word of a rise where a fall was found, or the other way, that was not in the words given."""
    return bool(added(OPPOSITE[given.direction], text, given))


def is_plain(character: str) -> bool:
    """Whether a character belongs in a sentence: no control, no mark of code, no number but in digits."""
    category = unicodedata.category(character)
    unfit = category[0] in "CZM" or category in ("Nl", "No") or character in SYMBOLS
    return character == " " or not unfit


def numbers_in(text: str) -> set[float]:
    """Every number that is written in digits, without its sign."""
    return {float(found.replace(",", ".")) for found in NUMBER.findall(text)}


def numbers_in_words(text: str) -> set[float]:
    """Every number up to twelve that is written out."""
    words = re.findall(r"[a-z]+", NO_NUMBER.sub(" ", text.lower()))
    return {WORD_NUMBERS[word] for word in words if word in WORD_NUMBERS}
