"""Whether what a model has written may be shown: short and plain, with no number that it was not given."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
# Without `one`: "one of your weeks" tells no number.
WORDS = ("zero", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
WORD_NUMBERS = {word: float(number) for number, word in enumerate(WORDS) if word}
# Numbers that are not worth reading: whoever is asked for digits can do without them.
UNCLEAR_NUMBER = re.compile(
    r"\b(?:(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
    r"|hundreds?|thousands?|millions?|billions?|dozens?|half|halves|halved|thirds?|quarters?|twice|thrice"
    r"|doubled?|tripled?|per ?cent)\b",
    re.IGNORECASE,
)
UNWELCOME = re.compile(
    r"depress|disorder|symptom|diagnos|burn.?out|anxi|illness|disease|patholog|clinical|therap|medic|suicid|https?:|www\.",
    re.IGNORECASE,
)
SYMBOLS = set("<>[]{}|\\^`@#$~*_=%")


def is_fit(text: Any, most: int, numbers: set[float]) -> bool:
    """Whether a text of at most so many characters may be shown to somebody, if these are the numbers that are true."""
    if not isinstance(text, str) or not text.strip() or len(text) > most:
        return False
    if UNWELCOME.search(text) or UNCLEAR_NUMBER.search(text) or not all(map(is_plain, text)):
        return False
    return numbers_in(text) | numbers_in_words(text) <= numbers


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
    return {WORD_NUMBERS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in WORD_NUMBERS}
