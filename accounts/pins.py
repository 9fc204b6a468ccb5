"""Which PINs may be chosen. Five guesses are allowed, so the first that anybody would guess are not."""

from __future__ import annotations

import itertools

PATTERN = r"^[0-9]{4,8}\Z"

# Those at the top of published lists of PINs in use that no rule below finds: years, 5683 spells LOVE, and 2580 is
# the middle column of the keys.
COMMON = frozenset({"0852", "1004", "1998", "2000", "2001", "2580", "5683"})


def is_guessable(pin: str) -> bool:
    """Whether one would guess this PIN early: 1234, 0000, 1212, 1122, 1221, 7890, 1357, 2580 and the like."""
    return pin in COMMON or goes_in_steps(pin) or repeats_itself(pin) or is_pairs(pin) or pin == pin[::-1]


def goes_in_steps(pin: str) -> bool:
    """Whether each digit is as far from the one before it, counting on from 9 to 0: 4444, 1234, 8901, 9876, 2468."""
    return len({(int(digit) - int(before)) % 10 for before, digit in itertools.pairwise(pin)}) == 1


def repeats_itself(pin: str) -> bool:
    """Whether it is something shorter several times: 1212, 123123."""
    return pin in (pin + pin)[1:-1]


def is_pairs(pin: str) -> bool:
    """Whether every digit stands twice in a row: 1122, 445566."""
    return len(pin) % 2 == 0 and pin[::2] == pin[1::2]
